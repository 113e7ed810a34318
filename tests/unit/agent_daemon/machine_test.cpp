// A look at the hardware may take seconds; the agent answers meanwhile.

#include "agent/daemon/machine.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

class Whereabouts final : public CaptureSource {
public:
    Capture take(WallTime) override {
        taken_on = std::this_thread::get_id();
        return {};
    }
    std::thread::id taken_on;
};

TEST(Machine, is_looked_at_on_another_thread_and_understood_on_its_own) {
    asio::io_context io;
    Whereabouts source;
    Machine machine(io.get_executor(), source);
    std::thread::id came_back_on;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            co_await machine.look(WallTime{});
            came_back_on = std::this_thread::get_id();
        },
        [](const std::exception_ptr& escaped) { EXPECT_FALSE(escaped); });
    io.run();
    EXPECT_TRUE(machine.was_seen());
    EXPECT_NE(source.taken_on, std::this_thread::get_id()) << "it held the whole agent up";
    EXPECT_EQ(came_back_on, std::this_thread::get_id());
}

/// Looks until it is abandoned.
class Bottomless final : public CaptureSource {
public:
    Capture take(WallTime) override {
        reached.set_value();
        abandoned.get_future().wait();
        return {};
    }
    void abandon() override { abandoned.set_value(); }
    std::promise<void> reached;
    std::promise<void> abandoned;
};

TEST(Machine, is_left_at_a_stop_though_a_look_at_it_has_no_end) {
    asio::io_context io;
    Bottomless source;
    auto machine = std::make_unique<Machine>(io.get_executor(), source);
    asio::co_spawn(io, machine->look(WallTime{}), asio::detached);
    io.run_one();
    source.reached.get_future().wait();
    machine.reset();
    SUCCEED();
}

const hwid::Component& tpm_of(const Capture& capture) {
    return *std::find_if(capture.snapshot.components.begin(), capture.snapshot.components.end(),
                         [](const auto& one) { return one.kind == hwid::Kind::tpm_ek; });
}

TEST(HardwareCaptures,
     leave_a_tpm_alone_that_is_not_to_be_used_and_hold_it_for_neither_gone_nor_changed) {
    std::atomic<int> asked = 0;
    const auto captures = hardware_captures([&] {
        ++asked;
        return hwid::RawTpm{{hwid::Access::read, {1, 2, 3}, "a TPM"}};
    });
    EXPECT_EQ(tpm_of(captures->take(WallTime{})).state, hwid::State::present);
    EXPECT_EQ(asked, 1);
    captures->use_tpm(false);
    const auto without = captures->take(WallTime{});
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(tpm_of(without).state, hwid::State::unreadable);
    EXPECT_EQ(without.tpm.evidence, "off");
    EXPECT_EQ(without.tpm.reason, "");
    for (const auto& sentence : without.unread)
        EXPECT_EQ(sentence.find("TPM"), std::string::npos) << sentence;
    captures->use_tpm(true);
    EXPECT_EQ(tpm_of(captures->take(WallTime{})).state, hwid::State::present);
}

TEST(HardwareCaptures, tell_a_tpm_that_is_not_there_from_one_that_cannot_be_read) {
    hwid::RawTpm tpm{{hwid::Access::absent, {}, "/sys/class/tpm/tpm0"}};
    const auto captures = hardware_captures([&] { return tpm; });
    const auto none = captures->take(WallTime{}).tpm;
    EXPECT_EQ(none.evidence, "absent");
    EXPECT_EQ(none.reason, "");
    for (const auto access :
         {hwid::Access::denied, hwid::Access::failed, hwid::Access::timed_out}) {
        tpm = {{access, {}, "why"}, "what to do"};
        const auto taken = captures->take(WallTime{});
        EXPECT_EQ(taken.tpm.evidence, "unreadable");
        EXPECT_EQ(taken.tpm.reason, "why");
        EXPECT_EQ(taken.tpm.remedy, "what to do");
        for (const auto& sentence : taken.unread)
            EXPECT_EQ(sentence.find("TPM"), std::string::npos) << "told twice: " << sentence;
    }
}

TEST(HardwareCaptures, that_are_abandoned_ask_nothing_any_more) {
    std::atomic<int> asked = 0;
    const auto captures = hardware_captures([&] {
        ++asked;
        return hwid::RawTpm{{hwid::Access::read, {1, 2, 3}, "a TPM"}};
    });
    captures->abandon();
    EXPECT_EQ(tpm_of(captures->take(WallTime{})).state, hwid::State::unreadable);
    EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace latchkey::daemon
