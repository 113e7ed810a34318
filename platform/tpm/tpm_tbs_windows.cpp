#include "platform/tpm/tpm_tbs_windows.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <optional>
#include <utility>

#include "platform/tpm/tpm_codes.h"

namespace latchkey::platform {
namespace {

constexpr std::uint32_t kInfoVersion = 1;
constexpr std::uint32_t kTpm12 = 1;           // TPM_VERSION_12
constexpr std::uint32_t kContextVersion = 2;  // TBS_CONTEXT_VERSION_TWO
constexpr std::uint32_t kIncludeTpm20 = 1U << 2;
constexpr std::uint32_t kLocalityZero = 0;
constexpr std::uint32_t kPriorityNormal = 200;

constexpr Tbs::Result kSuccess = 0;
constexpr Tbs::Result kAccessDenied = 0x80070005;  // E_ACCESSDENIED

/// The TPM's own codes, and TBS's where it answers a command in the TPM's stead, with what it lets
/// nobody or not this account say (TPM_E_COMMAND_BLOCKED). One refused command leaves the others.
constexpr Tbs::Result kDenied = 0x80284012;  // TBS_E_ACCESS_DENIED
bool is_answer(Tbs::Result code) {
    constexpr Tbs::Result kFirst = 0x80280000, kLast = 0x80283fff;
    return (code >= kFirst && code <= kLast) || code == kDenied;
}

/// TBS's own codes ("TBS Return Codes"), those that say more than their number.
struct Words {
    Tbs::Result code;
    TpmFailure failure;
    const char* text;
};
constexpr std::array<Words, 10> kWords{{
    {0x80284006, TpmFailure::refused, "TBS cannot speak with the TPM"},
    {0x80284008, TpmFailure::refused, "the service TBS does not run"},
    {0x80284009, TpmFailure::refused, "too many programs use TBS at once"},
    {0x8028400a, TpmFailure::refused, "TBS has no room for more keys"},
    {0x8028400b, TpmFailure::refused, "the service TBS is still starting"},
    {0x8028400d, TpmFailure::timed_out, "the command was cancelled"},
    {0x8028400f, TpmFailure::absent, "TBS knows no TPM 2.0"},
    {0x80284010, TpmFailure::refused, "the service TBS is disabled"},
    {0x80284016, TpmFailure::refused, "the TPM is deactivated, or not set up yet"},
    {kAccessDenied, TpmFailure::not_permitted, "TBS does not let this account in"},
}};

TpmTrouble trouble_of(Tbs::Result code) {
    if (is_answer(code)) return tpm2::trouble_of_code(code);
    TpmTrouble trouble{TpmFailure::refused, "TBS refused"};
    for (const auto& known : kWords)
        if (known.code == code) trouble = {known.failure, known.text};
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), " (code 0x%08x)", static_cast<unsigned>(code));
    trouble.detail += number.data();
    return trouble;
}

/// Cancels what a context waits for when its time is over. A command is submitted by a call that
/// comes back with the answer and knows no deadline.
class Alarm {
public:
    Alarm(const Tbs& tbs, Tbs::Context context, Duration patience) : tbs_(tbs), context_(context) {
        timer_ = ::CreateThreadpoolTimer(ring, this, nullptr);
        if (timer_ == nullptr) return;
        // Negative: from now on, in units of 100 ns.
        LARGE_INTEGER due{};
        due.QuadPart = -static_cast<LONGLONG>(patience.count()) * 10'000;
        FILETIME when{due.LowPart, static_cast<DWORD>(due.HighPart)};
        ::SetThreadpoolTimer(timer_, &when, 0, 0);
    }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    ~Alarm() { stop(); }

    /// Whether it went off before; it does not any more.
    bool stop() {
        if (timer_ != nullptr) {
            ::SetThreadpoolTimer(timer_, nullptr, 0, 0);
            ::WaitForThreadpoolTimerCallbacks(timer_, TRUE);
            ::CloseThreadpoolTimer(timer_);
            timer_ = nullptr;
        }
        return rang_;
    }

private:
    static void CALLBACK ring(PTP_CALLBACK_INSTANCE, void* self, PTP_TIMER) {
        auto& alarm = *static_cast<Alarm*>(self);
        alarm.rang_ = true;
        alarm.tbs_.cancel_commands(alarm.context_);
    }

    const Tbs& tbs_;
    Tbs::Context context_;
    PTP_TIMER timer_ = nullptr;
    std::atomic<bool> rang_ = false;
};

class TbsWire final : public TpmWire {
public:
    TbsWire(const Tbs& tbs, Tbs::Context context, Duration patience)
        : tbs_(tbs), context_(context), patience_(patience) {}
    ~TbsWire() override { tbs_.close_context(context_); }
    TbsWire(const TbsWire&) = delete;
    TbsWire& operator=(const TbsWire&) = delete;

    TpmResult<Bytes> transmit(std::span<const std::uint8_t> command) override {
        Bytes answer(kMostTpmBytes);
        auto size = static_cast<std::uint32_t>(answer.size());
        Alarm alarm(tbs_, context_, patience_);
        const auto result =
            tbs_.submit_command(context_, kLocalityZero, kPriorityNormal, command.data(),
                                static_cast<std::uint32_t>(command.size()), answer.data(), &size);
        if (alarm.stop())
            return tl::unexpected(
                TpmTrouble{TpmFailure::timed_out, "the TPM did not answer in time"});
        if (is_answer(result))
            return TpmWriter().u16(tpm2::kTagNoSessions).u32(10).u32(result).bytes();
        if (result != kSuccess) return tl::unexpected(trouble_of(result));
        if (size > answer.size())
            return tl::unexpected(TpmTrouble{TpmFailure::refused, "TBS answers too much"});
        answer.resize(size);
        return answer;
    }

private:
    const Tbs& tbs_;
    Tbs::Context context_;
    Duration patience_;
};

template <class Function>
bool find(HMODULE library, const char* name, Function& into) {
    into = reinterpret_cast<Function>(reinterpret_cast<void*>(::GetProcAddress(library, name)));
    return into != nullptr;
}

}  // namespace

const Tbs* Tbs::get() {
    static const auto loaded = []() -> std::optional<Tbs> {
        // From the system's folder alone. Never unloaded.
        const HMODULE library = ::LoadLibraryExW(L"tbs.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
        Tbs tbs;
        const bool whole = library != nullptr &&
                           find(library, "Tbsi_GetDeviceInfo", tbs.get_device_info) &&
                           find(library, "Tbsi_Context_Create", tbs.create_context) &&
                           find(library, "Tbsip_Context_Close", tbs.close_context) &&
                           find(library, "Tbsip_Submit_Command", tbs.submit_command) &&
                           find(library, "Tbsip_Cancel_Commands", tbs.cancel_commands);
        return whole ? std::optional(tbs) : std::nullopt;
    }();
    return loaded ? &*loaded : nullptr;
}

TpmResult<std::unique_ptr<TpmWire>> open_tbs(const Tbs* tbs, Duration patience) {
    if (tbs == nullptr)
        return tl::unexpected(TpmTrouble{TpmFailure::no_library, "this Windows has no tbs.dll"});
    Tbs::DeviceInfo info{kInfoVersion, 0, 0, 0};
    if (const auto result = tbs->get_device_info(sizeof info, &info); result != kSuccess)
        return tl::unexpected(trouble_of(result));
    if (info.tpm_version == kTpm12)
        return tl::unexpected(TpmTrouble{TpmFailure::too_old, "TBS has a TPM 1.2"});
    const Tbs::ContextParameters parameters{kContextVersion, kIncludeTpm20};
    Tbs::Context context = nullptr;
    if (const auto result = tbs->create_context(&parameters, &context); result != kSuccess)
        return tl::unexpected(trouble_of(result));
    return std::make_unique<TbsWire>(*tbs, context, patience);
}

}  // namespace latchkey::platform
