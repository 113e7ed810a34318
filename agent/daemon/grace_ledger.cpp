#include "agent/daemon/grace_ledger.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/daemon/log.h"
#include "agent/daemon/spawn.h"
#include "licensing/messages.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

tl::unexpected<net::CallFailure> not_answered(Problem problem) {
    return tl::unexpected(net::CallFailure{std::move(problem), false, {}, {}, {}});
}

/// Signed refusals are the last word. So is what a key server says that has no such route: it is
/// older than the ledger.
bool is_final(const net::CallFailure& failure) {
    const Code code = failure.problem.code;
    return failure.final || code == Code::record_unknown || code == Code::path_unknown;
}

}  // namespace

void GraceLedger::ask(const RowKey& row) {
    if (under_way_.insert(row).second) spawn(desk_.executor, journey(row));
}

std::optional<licensing::Manifest> GraceLedger::wanted(const RowKey& row) const {
    const auto manifest = desk_.manifest(row.product);
    const auto* state = desk_.runner.find(row);
    if (!manifest || manifest->publisher != row.publisher || state == nullptr) return std::nullopt;
    if (!core::has_grace_to_report(*state, desk_.policy(*manifest))) return std::nullopt;
    return *manifest;
}

asio::awaitable<void> GraceLedger::journey(RowKey row) {
    // Never inside the caller's step.
    co_await asio::post(desk_.executor, asio::use_awaitable);
    co_await desk_.machine.look(desk_.runner.wall());
    auto manifest = wanted(row);
    net::CallResult<void> clock;
    if (manifest) clock = co_await set_clock(*manifest);
    // A license may have come while the clock was set.
    if (manifest) manifest = wanted(row);
    if (!manifest) {
        under_way_.erase(row);
        co_return;
    }
    const core::LedgerReport asked = core::ledger_report(
        desk_.runner.shown(row.publisher, row.product), desk_.runner.moment().now);
    const auto answer = co_await question(*manifest, asked, std::move(clock));
    under_way_.erase(row);
    if (const auto stored = desk_.apply(*manifest, answer); !stored)
        spdlog::warn("{}: the grace ledger's answer was not stored", printable(row.product));
}

asio::awaitable<core::Event> GraceLedger::question(licensing::Manifest manifest,
                                                   core::LedgerReport asked,
                                                   net::CallResult<void> clock) {
    spdlog::debug("{}: asking the key server (grace ledger)", printable(manifest.product));
    net::CallResult<licensing::LedgerReply> reply = tl::unexpected(net::CallFailure{});
    if (clock)
        reply = co_await call(manifest, asked);
    else
        reply = tl::unexpected(clock.error());
    if (reply) co_return core::Event(core::event::LedgerReceived{*reply, asked});
    const auto& failure = reply.error();
    co_return core::Event(
        core::event::LedgerFailed{failure.problem, is_final(failure), failure.retry_after, asked});
}

/// What is told is elapsed time: a calendar that is wrong ahead would have the key server remember
/// a grace that never ran.
asio::awaitable<net::CallResult<void>> GraceLedger::set_clock(const licensing::Manifest& manifest) {
    if (desk_.runner.time_was_signed()) co_return net::CallResult<void>();
    const auto caller = desk_.caller(manifest);
    if (!caller) co_return not_answered(caller.error());
    const auto answer = co_await desk_.client.time(desk_.server(manifest), *caller);
    if (!answer) co_return tl::unexpected(answer.error());
    if (const auto kept = desk_.learn(answer->fresh); !kept) co_return not_answered(kept.error());
    co_return net::CallResult<void>();
}

asio::awaitable<net::CallResult<licensing::LedgerReply>> GraceLedger::call(
    const licensing::Manifest& manifest, const core::LedgerReport& asked) {
    const auto caller = desk_.caller(manifest);
    if (!caller) co_return not_answered(caller.error());
    licensing::LedgerRequest request;
    request.product = manifest.product;
    request.fingerprint = desk_.machine.fingerprint(manifest);
    request.platform = desk_.machine.facts().platform;
    request.agent_version = std::string(agent_version());
    request.lab = desk_.policy(manifest).role == core::Role::lab;
    request.rearms_used = asked.rearms_used;
    request.grace = asked.grace;
    const net::ServerAddress server = desk_.server(manifest);
    const net::Call call{"POST", "/v1/rearms", json::to_text(licensing::to_json(request)),
                         licensing::random_id("idk_")};
    const auto answer = co_await desk_.client.call(server, *caller, call);
    if (!answer) co_return tl::unexpected(answer.error());
    if (const auto kept = desk_.learn(answer->fresh); !kept) co_return not_answered(kept.error());
    auto reply = licensing::ledger_reply_from_json(answer->message);
    if (!reply)
        co_return not_answered({Code::signature_invalid,
                                "the key server's reply is not understood: " + reply.error().detail,
                                {}});
    co_return std::move(*reply);
}

}  // namespace latchkey::daemon
