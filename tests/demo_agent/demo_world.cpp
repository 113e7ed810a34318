#include "tests/demo_agent/demo_world.h"

#include <charconv>

#include "hwid/snapshot.h"
#include "licensing/crypto.h"
#include "platform/secure_file.h"

namespace latchkey::demo {
namespace {

constexpr std::size_t kMaxSnapshot = 512 * 1024;
constexpr std::int64_t kMost = 100'000;

}  // namespace

DemoClock::DemoClock()
    : real_(platform::system_clock()), boot_id_(licensing::random_id("demo-boot-")) {}

platform::ClockReading DemoClock::now() const {
    auto reading = real_->now();
    const std::lock_guard lock(mutex_);
    reading.wall += passed_ + turned_;
    reading.since_boot += passed_;
    reading.boot_id = boot_id_;
    return reading;
}

void DemoClock::advance(Duration by) {
    const std::lock_guard lock(mutex_);
    passed_ += by;
}

void DemoClock::turn(Duration by) {
    const std::lock_guard lock(mutex_);
    turned_ += by;
}

Result<void> DemoCaptures::become(const std::filesystem::path& snapshot_file) {
    const auto text = platform::read_file(snapshot_file, kMaxSnapshot);
    if (!text) return fail(text.error());
    auto snapshot = hwid::parse_snapshot(*text);
    if (!snapshot) return fail(std::move(snapshot.error()));
    const std::lock_guard lock(mutex_);
    capture_.snapshot = std::move(*snapshot);
    return {};
}

daemon::Capture DemoCaptures::take(WallTime now) {
    const std::lock_guard lock(mutex_);
    auto capture = capture_;
    capture.snapshot.captured_at = now;
    return capture;
}

Result<Duration> parse_duration(std::string_view text) {
    const auto bad = [&] {
        return fail(Code::usage, "not a duration like 10d, 3h or 15m: " + std::string(text));
    };
    if (text.empty()) return bad();
    const std::string_view digits = text.substr(0, text.size() - 1);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc() || end != digits.data() + digits.size()) return bad();
    if (count > kMost || count < -kMost) return bad();
    if (text.back() == 'd') return Days{count};
    if (text.back() == 'h') return hours{count};
    if (text.back() == 'm') return minutes{count};
    return bad();
}

}  // namespace latchkey::demo
