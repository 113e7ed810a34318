#pragma once

// A wire over a file, and what may be done to what it carries: where there is no service to ask, a
// TPM in software answers over a socket (tpm_simulator.h).

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/time.h"
#include "platform/tpm/tpm_over_wire.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::fakes {

class TpmFileWire final : public platform::TpmWire {
public:
    TpmFileWire(platform::UniqueFd file, Duration patience)
        : file_(std::move(file)), patience_(patience) {}

    platform::TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) override {
        if (::write(file_.get(), command.data(), command.size()) !=
            static_cast<ssize_t>(command.size()))
            return broken();
        Bytes answer;
        while (answer.size() < kHeaderBytes || answer.size() < announced(answer)) {
            pollfd waiting{file_.get(), POLLIN, 0};
            if (::poll(&waiting, 1, static_cast<int>(patience_.count())) == 0)
                return tl::unexpected(platform::TpmTrouble{platform::TpmFailure::timed_out,
                                                           "the TPM did not answer in time"});
            std::array<std::uint8_t, platform::kMostTpmBytes> piece{};
            const auto got = ::read(file_.get(), piece.data(), piece.size());
            if (got <= 0) return broken();
            answer.insert(answer.end(), piece.begin(), piece.begin() + got);
        }
        return answer;
    }

private:
    static constexpr std::size_t kHeaderBytes = 10;

    static std::size_t announced(const Bytes& answer) {
        const auto size = platform::TpmFields(std::span(answer).subspan(2)).u32();
        return std::min<std::size_t>(size, platform::kMostTpmBytes);
    }
    static tl::unexpected<platform::TpmTrouble> broken() {
        return tl::unexpected(
            platform::TpmTrouble{platform::TpmFailure::refused, "the connection broke"});
    }

    platform::UniqueFd file_;
    Duration patience_;
};

/// Passes all on and writes down what was said.
class RecordingWire final : public platform::TpmWire {
public:
    struct Log {
        std::vector<Bytes> commands;
        std::vector<Bytes> answers;

        bool saw(std::uint32_t code) const {
            return std::any_of(commands.begin(), commands.end(), [code](const Bytes& command) {
                return platform::TpmFields(std::span(command).subspan(6)).u32() == code;
            });
        }
    };

    RecordingWire(std::unique_ptr<platform::TpmWire> behind, std::shared_ptr<Log> log)
        : behind_(std::move(behind)), log_(std::move(log)) {}

    platform::TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) override {
        log_->commands.emplace_back(command.begin(), command.end());
        auto answer = behind_->transmit(command);
        if (answer) log_->answers.push_back(*answer);
        return answer;
    }

private:
    std::unique_ptr<platform::TpmWire> behind_;
    std::shared_ptr<Log> log_;
};

}  // namespace latchkey::fakes
