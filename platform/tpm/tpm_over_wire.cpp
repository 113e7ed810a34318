#include "platform/tpm/tpm_over_wire.h"

#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "platform/tpm/tpm_counting.h"
#include "platform/tpm/tpm_proving.h"
#include "platform/tpm/tpm_reading.h"
#include "platform/tpm/tpm_talk.h"
#include "platform/tpm/tpm_talk_memory.h"

namespace latchkey::platform {
namespace {

/// One conversation: `question` gets it and answers an optional.
template <class Question>
auto converse(const TpmWireOpener& open, Question question)
    -> TpmResult<typename std::invoke_result_t<Question, TpmTalk&>::value_type> {
    auto wire = open();
    if (!wire) return tl::unexpected(std::move(wire.error()));
    TpmTalk talk(**wire);
    auto answer = question(talk);
    if (!answer) return tl::unexpected(talk.trouble());
    return std::move(*answer);
}

class WireProver final : public TpmProver {
public:
    explicit WireProver(TpmWireOpener open) : open_(std::move(open)) {}

    TpmResult<TpmKeys> keys(const Label& label) override {
        const std::lock_guard lock(mutex_);
        return converse(open_, [&](TpmTalk& tpm) { return proving_.keys(tpm, label); });
    }

    TpmResult<TpmProofParts> prove(const Label& label,
                                   std::span<const std::uint8_t> credential_blob,
                                   std::span<const std::uint8_t> encrypted_secret,
                                   std::span<const std::uint8_t> qualifying) override {
        const std::lock_guard lock(mutex_);
        return converse(open_, [&](TpmTalk& tpm) {
            return proving_.prove(tpm, label, credential_blob, encrypted_secret, qualifying);
        });
    }

private:
    TpmWireOpener open_;
    std::mutex mutex_;
    TpmProving<TpmTalk> proving_;
};

class WireCounter final : public TpmCounter {
public:
    explicit WireCounter(TpmWireOpener open) : open_(std::move(open)) {}

    TpmResult<std::uint32_t> read(const TpmCounterPlace& place) override { return raise(place, 0); }

    TpmResult<std::uint32_t> raise(const TpmCounterPlace& place, std::uint32_t target) override {
        const std::lock_guard lock(mutex_);
        return converse(open_, [&](TpmTalk& tpm) {
            TpmTalkMemory memory(tpm, place.authorisation);
            return count_up(memory, place.slot, target);
        });
    }

private:
    TpmWireOpener open_;
    std::mutex mutex_;
};

}  // namespace

std::unique_ptr<TpmProver> tpm_prover_over(TpmWireOpener open) {
    return std::make_unique<WireProver>(std::move(open));
}

std::unique_ptr<TpmCounter> tpm_counter_over(TpmWireOpener open) {
    return std::make_unique<WireCounter>(std::move(open));
}

hwid::RawTpm read_endorsement_key_over(const TpmWireOpener& open, const std::string& origin) {
    auto key = converse(open, [](TpmTalk& tpm) { return endorsement_key(tpm); });
    if (!key) return unread_tpm(std::move(key.error()));
    return {{hwid::Access::read, std::move(key->public_bytes), origin}};
}

}  // namespace latchkey::platform
