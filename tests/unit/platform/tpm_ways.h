#pragma once

// The two ways to ask a TPM, the library's and our own over a wire. What a TPM answers must not
// depend on it.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "platform/tpm/tpm_linux.h"
#include "platform/tpm/tpm_over_wire.h"
#include "tests/fakes/tpm_file_wire.h"
#include "tests/fakes/tpm_simulator.h"

namespace latchkey::platform {

enum class Way : std::uint8_t { library, wire };

inline const auto kWays = testing::Values(Way::library, Way::wire);
inline std::string way_name(const testing::TestParamInfo<Way>& info) {
    return info.param == Way::library ? "library" : "wire";
}

inline TpmWireOpener wire_to(TpmOpener open, Duration patience) {
    return [open = std::move(open), patience]() -> TpmResult<std::unique_ptr<TpmWire>> {
        auto file = open();
        if (!file) return tl::unexpected(std::move(file.error()));
        return std::make_unique<fakes::TpmFileWire>(std::move(*file), patience);
    };
}

inline std::unique_ptr<TpmProver> prover_by(Way way, TpmOpener open, Duration patience) {
    if (way == Way::library) return tpm_prover_of(std::move(open), patience);
    return tpm_prover_over(wire_to(std::move(open), patience));
}

inline std::unique_ptr<TpmCounter> counter_by(Way way, TpmOpener open, Duration patience) {
    if (way == Way::library) return tpm_counter_of(std::move(open), patience);
    return tpm_counter_over(wire_to(std::move(open), patience));
}

}  // namespace latchkey::platform
