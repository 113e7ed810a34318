#include "agent/daemon/courier.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/daemon/answers.h"
#include "agent/daemon/log.h"
#include "agent/daemon/spawn.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

core::Event not_sent(Problem problem) {
    return core::event::AttemptFailed{std::move(problem), false, std::nullopt, false};
}

core::Event not_kept(Problem problem) {
    return core::event::AttemptFailed{std::move(problem), false, std::nullopt, true};
}

}  // namespace

void Courier::send(const RowKey& row) {
    if (under_way_.insert(row).second) spawn(desk_.executor, journey(row));
}

asio::awaitable<void> Courier::journey(RowKey row) {
    // Never inside the caller's step: whoever wants to wait for the end gets to say so first.
    co_await asio::post(desk_.executor, asio::use_awaitable);
    // Nothing goes out for a state that may be another machine's.
    const bool looks = !desk_.settled;
    if (looks) co_await desk_.machine.look(desk_.runner.wall());
    const auto manifest = desk_.manifest(row.product);
    const auto* state = desk_.runner.find(row);
    if (!manifest || manifest->publisher != row.publisher || state == nullptr || !state->intent) {
        under_way_.erase(row);
        Delivery dropped;
        if (looks) dropped.problem = Problem{Code::state_foreign, "the request is dropped", {}};
        tell(row, {}, dropped);
        co_return;
    }
    core::Intent intent = *state->intent;
    const std::string machine = state->license ? state->license->machine : std::string();
    spdlog::debug("{}: asking the key server ({})", printable(row.product),
                  core::name(intent.kind));
    Refund refund;
    std::optional<core::Event> unsent = co_await prove(*manifest, intent);
    if (!unsent) unsent = co_await ask(*manifest, intent, machine, refund);
    const core::Event answer = *unsent;
    under_way_.erase(row);
    const bool network_changed = changed_under_way_.erase(row) > 0;
    const auto* now = desk_.runner.find(row);
    if (now == nullptr || !now->intent || now->intent->idempotency_key != intent.idempotency_key) {
        // An administrator ended the license here meanwhile: its answer finds nobody.
        tell(row, intent.idempotency_key, Delivery{});
        co_return;
    }
    const auto stored = desk_.apply(*manifest, answer);
    if (network_changed && std::holds_alternative<core::event::AttemptFailed>(answer))
        (void)desk_.apply(*manifest, core::event::NetworkChanged{});
    Delivery delivery{problem_after(answer, intent, *desk_.runner.find(row)), refund};
    if (!stored) delivery.problem = stored.error();
    tell(row, intent.idempotency_key, delivery);
}

asio::awaitable<std::optional<core::Event>> Courier::prove(const licensing::Manifest& manifest,
                                                           core::Intent& intent) {
    const bool may_change = intent.kind == core::IntentKind::activate && !intent.may_have_arrived;
    if (desk_.config.tpm != TpmUse::proof || !may_change || !desk_.settled) co_return std::nullopt;
    auto message = json::parse_strict(intent.body);
    if (!message || !message->is_object()) co_return std::nullopt;
    const auto made = co_await proofs_.make(manifest);
    if (!made) co_return core::Event(failure_event(made.error()));
    auto& body = message->as_object();
    body.erase("tpm");
    body.erase("tpm_unproven");
    if (made->proof)
        body["tpm"] = licensing::to_json(*made->proof);
    else
        body["tpm_unproven"] = made->unproven;
    intent.body = json::to_text(*message);
    const core::event::ActivationProven proven{intent.idempotency_key, intent.body};
    if (const auto kept = desk_.apply(manifest, proven); !kept) co_return not_sent(kept.error());
    const auto* now = desk_.row(manifest);
    // Withdrawn or replaced meanwhile: what would be sent is nobody's wish.
    const bool still_wanted =
        now && now->intent && now->intent->idempotency_key == intent.idempotency_key;
    if (!still_wanted) co_return not_sent({Code::internal, "the request was withdrawn", {}});
    co_return std::nullopt;
}

asio::awaitable<core::Event> Courier::ask(const licensing::Manifest& manifest,
                                          const core::Intent& intent, const std::string& machine,
                                          Refund& refund) {
    if (!desk_.settled)
        co_return not_sent({Code::storage_failed, "whose state this is could not be stored", {}});
    const auto caller = desk_.caller(manifest);
    if (!caller) co_return not_sent(caller.error());
    const net::ServerAddress server = desk_.server(manifest);
    const net::Call call = call_of(intent);
    const auto answer = co_await desk_.client.call(server, *caller, call);
    if (!answer) co_return core::Event(failure_event(answer.error()));
    if (const auto kept = desk_.learn(answer->fresh); !kept) co_return not_kept(kept.error());
    const Expected expected{manifest, intent, caller->device->public_key(),
                            answer->fresh.server_time, machine};
    co_return understand(answer->message, *answer->fresh.trusted.key_set, expected, refund);
}

bool Courier::still_wanted(const Waiting& waiting) const {
    const auto* state = desk_.runner.find(waiting.row);
    if (state == nullptr) return false;
    const auto is_it = [&](const std::optional<core::Intent>& intent) {
        return intent && intent->idempotency_key == waiting.idempotency_key;
    };
    return is_it(state->intent) || is_it(state->queued);
}

void Courier::tell(const RowKey& row, const std::string& idempotency_key,
                   const Delivery& delivery) {
    for (const auto& waiting : waiting_) {
        if (waiting->row != row || waiting->delivery) continue;
        // A wish that was fulfilled or dropped by another's answer hears that one's end. A queued
        // one whose turn has not come because the first failed hears of that failure.
        const bool concerned = waiting->idempotency_key == idempotency_key ||
                               !still_wanted(*waiting) || !under_way_.contains(row);
        if (!concerned) continue;
        waiting->delivery = delivery;
        waiting->bell.cancel();
    }
}

asio::awaitable<Delivery> Courier::finished(RowKey row, std::string idempotency_key) {
    auto waiting = std::make_shared<Waiting>(
        Waiting{row, idempotency_key, asio::steady_timer(desk_.executor), std::nullopt});
    waiting->bell.expires_at(asio::steady_timer::time_point::max());
    waiting_.push_back(waiting);
    boost::system::error_code ignored;
    while (!waiting->delivery && still_wanted(*waiting))
        co_await waiting->bell.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    waiting_.remove(waiting);
    co_return waiting->delivery.value_or(Delivery{});
}

}  // namespace latchkey::daemon
