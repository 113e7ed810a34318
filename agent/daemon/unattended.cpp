// Activating without being asked: the configuration's [[activate]], and hardware that drifted.

#include <algorithm>

#include "agent/core/backoff.h"
#include "agent/daemon/activation.h"
#include "agent/daemon/log.h"
#include "base/path_text.h"
#include "platform/secure_file.h"
#include "platform/service/service_user.h"

namespace latchkey::daemon {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxKeyFile = 4096;
/// The rung of an hour (core::kRetryLadder): a machine that nobody licensed yet is not left to
/// itself for days.
constexpr int kLongestWaitUnasked = 3;

std::string first_line(std::string_view text) {
    const auto end = text.find_first_of("\r\n");
    return std::string(text.substr(0, end));
}

/// A file that others can read is used all the same (the inbox around it is the agent's own), and
/// told; one that others can write is not.
Result<std::string> read_key_file(const UnattendedActivation& wanted) {
    auto text =
        platform::read_private_file(wanted.key_file, kMaxKeyFile, platform::Privacy::secret);
    if (text || text.error().code != Code::not_permitted) return text;
    const std::string concern = text.error().detail;
    text = platform::read_private_file(wanted.key_file, kMaxKeyFile, platform::Privacy::trusted);
    if (text) spdlog::warn("activate {}: {}", printable(wanted.product), printable(concern));
    return text;
}

/// The key in the file, or none where there is nothing to do about it (a consumed file is gone).
Result<std::optional<std::string>> key_in(const UnattendedActivation& wanted,
                                          const licensing::Manifest& manifest,
                                          const core::ProductState& state) {
    const auto text = read_key_file(wanted);
    if (!text) {
        const bool had_one = !core::installed_key(state).empty() || state.deactivated;
        if (text.error().code == Code::record_unknown && had_one)
            return std::optional<std::string>();
        auto remedy = text.error().remedy;
        if (remedy.empty()) remedy = platform::unreadable_remedy(wanted.key_file);
        return fail(Problem{Code::input_unreadable, text.error().detail, std::move(remedy)});
    }
    auto key = licensing::parse_expecting(first_line(*text), licensing::KeyKind::product_key,
                                          manifest.key_group);
    if (!key) return fail(key.error().code, utf8_text(wanted.key_file) + ": " + key.error().detail);
    return std::optional(key->text());
}

/// Refusals that status tells by themselves (held, ephemeral) or that are meant (a lab machine).
bool is_told_elsewhere(const core::ProductState* state, const Runner& runner, Code code) {
    if (code == Code::storage_failed) return runner.storage_trouble() != nullptr;
    return code == Code::lab_mode || code == Code::ephemeral_machine ||
           (state != nullptr && state->held);
}

/// The row already has, waits for, or was refused for want of a word, exactly this key. The word
/// may have been given since: when_counted = "proceed".
bool settled(const core::ProductState& state, const UnattendedActivation& wanted,
             const std::string& key) {
    if (state.intent && state.intent->product_key == key) return true;
    const bool word_given =
        !wanted.hold && (state.held_code == info(Code::would_count).name ||
                         state.held_code == info(Code::confirmation_required).name);
    if (state.held && state.held_key == key && !word_given) return true;
    return state.license && state.product_key == key;
}

/// `final`: trying again changes nothing.
tl::unexpected<net::CallFailure> failure_of(Problem problem, bool final) {
    net::CallFailure failure;
    failure.problem = std::move(problem);
    failure.final = final;
    return tl::unexpected(std::move(failure));
}

/// A full disk may have room later.
tl::unexpected<net::CallFailure> last_word(Problem problem) {
    const bool final = problem.code != Code::storage_failed;
    return failure_of(std::move(problem), final);
}

/// Removes the file once the key is in the row, where it is to be. Fails where the file stays.
net::CallResult<void> consume(const UnattendedActivation& wanted, const core::ProductState* state,
                              const std::string& key) {
    if (!wanted.consume || state == nullptr) return {};
    const bool kept = state->product_key == key ||
                      (state->intent && state->intent->product_key == key) ||
                      state->held_key == key;
    if (!kept) return {};
    auto removed = platform::remove_file(wanted.key_file);
    if (removed) return {};
    return last_word({Code::not_permitted,
                      "the key is taken, and its file stays: " + std::move(removed.error().detail),
                      "Remove the file, or say consume = false. The agent can remove files of its "
                      "inbox; elsewhere its service may not be able to write."});
}

}  // namespace

asio::awaitable<std::optional<Duration>> Activation::unattended(UnattendedActivation wanted) {
    const auto manifest = desk_.manifest(wanted.product);
    net::CallResult<void> done;
    if (manifest && manifest->needs_activation && wants(wanted))
        done = co_await activate_unattended(wanted, *manifest);
    if (!wants(wanted)) done = {};
    if (done || done.error().final) unasked_.erase(wanted.product);
    if (done) {
        troubles_.erase(wanted.product);
        co_return std::nullopt;
    }
    const Problem& problem = done.error().problem;
    const LogFields fields({wanted.product, manifest->publisher, "activate", problem.name()});
    const auto told = troubles_.find(wanted.product);
    const bool news = told == troubles_.end() || told->second != problem;
    spdlog::log(news ? spdlog::level::warn : spdlog::level::debug, "activate {}: {} ({})",
                printable(wanted.product), problem.title(), printable(problem.detail));
    if (is_told_elsewhere(desk_.row(*manifest), desk_.runner, problem.code))
        troubles_.erase(wanted.product);
    else
        troubles_.insert_or_assign(wanted.product, problem);
    if (done.error().final) co_return std::nullopt;
    const int position = std::min(unasked_[wanted.product]++, kLongestWaitUnasked);
    co_return core::retry_delay(position, done.error().retry_after, desk_.runner.moment().random,
                                desk_.policy(*manifest));
}

void Activation::forget() {
    troubles_.clear();
    unasked_.clear();
}

/// Nobody changed the configuration, took the manifest away or made an image of this machine while
/// somebody was asked.
bool Activation::wants(const UnattendedActivation& wanted) const {
    const auto& all = desk_.config.activations;
    return desk_.manifest(wanted.product) && std::find(all.begin(), all.end(), wanted) != all.end();
}

asio::awaitable<net::CallResult<void>> Activation::activate_unattended(
    const UnattendedActivation& wanted, const licensing::Manifest& manifest) {
    const auto state = desk_.runner.shown(manifest.publisher, manifest.product);
    const auto key = key_in(wanted, manifest, state);
    if (!key) co_return failure_of(key.error(), false);  // another file may be put there
    if (!*key) co_return net::CallResult<void>{};
    if (settled(state, wanted, **key)) co_return consume(wanted, desk_.row(manifest), **key);
    auto matter = co_await open(wanted.product);
    if (!matter) co_return last_word(matter.error());
    core::ActivationWish wish{false, !wanted.hold, std::nullopt};
    const bool lab = matter->policy.role == core::Role::lab;
    if (wanted.hold && !lab) {
        auto question = request(*matter, **key, 0);
        const auto asked = co_await preview(*matter, std::move(question));
        if (!asked && !asked.error().final) co_return tl::unexpected(asked.error());
        if (asked) wish.preview_new_machine = core::is_surely_new(*asked);
    }
    // While the key server was asked, an administrator may have decided something.
    if (!wants(wanted)) co_return net::CallResult<void>{};
    matter->state = desk_.runner.shown(manifest.publisher, manifest.product);
    if (settled(matter->state, wanted, **key))
        co_return consume(wanted, desk_.row(manifest), **key);
    const auto sent = decide(*matter, **key, wish);
    auto consumed = consume(wanted, desk_.row(manifest), **key);
    if (!sent) co_return last_word(sent.error());
    co_return consumed;
}

asio::awaitable<void> Activation::reactivate(std::string product) {
    const auto matter = co_await open(product);
    if (!matter) co_return;
    const std::string key = core::installed_key(matter->state);
    if (key.empty()) co_return;
    bool proceed = false;
    for (const auto& wanted : desk_.config.activations)
        if (wanted.product == product) proceed = !wanted.hold;
    const core::ActivationWish wish{false, proceed, std::nullopt};
    const auto sent = decide(*matter, key, wish);
    if (sent) co_return;
    const LogFields fields(
        {product, matter->manifest.publisher, "reactivate", sent.error().name()});
    spdlog::warn("{}: not activated again: {}", printable(product), sent.error().title());
}

}  // namespace latchkey::daemon
