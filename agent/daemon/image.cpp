#include "agent/daemon/image.h"

#include "base/path_text.h"

#include <algorithm>
#include <set>
#include <system_error>

namespace latchkey::daemon {
namespace {

namespace fs = std::filesystem;
using store::Belonging;
using Paths = std::set<fs::path>;

/// Files of a directory; one that cannot be read has none to show.
Paths files_in(const fs::path& directory, std::string_view extension) {
    Paths files;
    std::error_code ignored;
    for (fs::directory_iterator file(directory, ignored), end; file != end;) {
        const auto& path = file->path();
        if (file->is_regular_file(ignored) && (extension.empty() || path.extension() == extension))
            files.insert(path);
        file.increment(ignored);
        if (ignored) break;
    }
    return files;
}

void list(std::vector<Belonging>& to, const std::string& what, const Paths& files) {
    if (files.empty()) return;
    std::string names;
    for (const auto& file : files) names += (names.empty() ? "" : ", ") + utf8_text(file);
    to.push_back({what, static_cast<std::int64_t>(files.size()), std::move(names)});
}

Paths configuration_files(const Deployment& deployment) {
    const auto& file = deployment.config_file;
    auto files = files_in(file.parent_path() / utf8_path(utf8_text(file.stem()) + ".d"), ".toml");
    std::error_code ignored;
    if (fs::exists(file, ignored)) files.insert(file);
    return files;
}

/// Key files that the configuration names: every machine made from the image activates with them.
Paths named_key_files(const Config& config) {
    Paths files;
    std::error_code ignored;
    for (const auto& wanted : config.activations)
        if (fs::exists(wanted.key_file, ignored)) files.insert(wanted.key_file);
    return files;
}

/// Keys that lie in the inbox and that nothing names: somebody's key, given to whoever gets the
/// image.
Paths stray_key_files(const Config& config) {
    auto files = files_in(config.paths.inbox_dir, "");
    for (const auto& named : named_key_files(config)) files.erase(named);
    return files;
}

std::vector<Belonging> kept_by(const Deployment& deployment) {
    std::vector<Belonging> kept;
    list(kept, "configuration", configuration_files(deployment));
    list(kept, "manifests", files_in(deployment.config.paths.products_dir, ".jws"));
    list(kept, "key_files", named_key_files(deployment.config));
    return kept;
}

/// An answer that would be lost: whether it counted, or whether the license was given back.
bool waits_for_an_answer(const core::ProductState& state) {
    return state.intent && !state.intent->never_left() &&
           state.intent->kind != core::IntentKind::renew;
}

bool is_unsent_release(const std::optional<core::Intent>& intent) {
    return intent && intent->kind == core::IntentKind::release && intent->never_left();
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

void warn_of_products(const std::vector<core::ProductState>& products, ImagePlan& plan) {
    std::vector<std::string> licensed;
    std::vector<std::string> unsent;
    std::vector<std::string> waiting;
    for (const auto& state : products) {
        if (state.license) licensed.push_back(state.product);
        if (is_unsent_release(state.intent) || is_unsent_release(state.queued))
            unsent.push_back(state.product);
        if (waits_for_an_answer(state)) waiting.push_back(state.product);
    }
    if (!licensed.empty())
        plan.warnings.push_back(
            "Activations are consumed, not lent: the key server is told nothing, and the "
            "activations of " +
            joined(licensed) +
            " stay used. Where a program gives them back, run 'latchkey deactivate' first.");
    if (!unsent.empty())
        plan.warnings.push_back("The release of " + joined(unsent) +
                                " was never sent; it is dropped, and the key server does not "
                                "learn of it.");
    if (waiting.empty()) return;
    plan.refusal = Problem{Code::request_pending, "the request of " + joined(waiting), {}};
    plan.warnings.push_back("The request of " + joined(waiting) +
                            " may have counted at the key server; its answer is lost.");
}

/// A token that may be spent already: its answer would be lost with the device key.
void warn_of_redemptions(const std::vector<store::CloudRow>& cloud, ImagePlan& plan) {
    for (const auto& row : cloud) {
        if (!row.pending) continue;
        if (!plan.refusal)
            plan.refusal = Problem{Code::request_pending, "the redemption of a token",
                                   "Run 'latchkey redeem' with the same token again first, or go "
                                   "on with --force and lose the answer."};
        plan.warnings.push_back("A token of " + row.pending->product +
                                " may have been redeemed; its answer is lost.");
    }
}

bool is_unknown(const Belonging& one) { return one.what == "unknown_files"; }

}  // namespace

Result<ImagePlan> plan_image(store::OpenedStore& store, const Deployment& deployment) {
    auto belongings = store.custody->belongings();
    if (!belongings) return fail(belongings.error());
    const auto products = store.store->products();
    if (!products) return fail(products.error());
    ImagePlan plan;
    plan.kept = kept_by(deployment);
    warn_of_products(*products, plan);
    warn_of_redemptions(store.shelf->cloud(), plan);
    for (auto& one : *belongings) {
        if (is_unknown(one))
            plan.warnings.push_back(
                "Files that are not the agent's lie beside its state and stay; "
                "remove them before the image is captured: " +
                one.detail);
        (is_unknown(one) ? plan.kept : plan.removed).push_back(std::move(one));
    }
    const auto stray = stray_key_files(deployment.config);
    list(plan.kept, "unnamed_key_files", stray);
    if (!stray.empty())
        plan.warnings.push_back(
            "Key files lie in the inbox that no [[activate]] names; they stay. "
            "Name them there or remove them: " +
            plan.kept.back().detail);
    return plan;
}

Result<ImageProof> prove_image(store::OpenedStore& store, const Deployment& deployment) {
    auto belongings = store.custody->belongings();
    if (!belongings) return fail(belongings.error());
    ImageProof proof{std::move(*belongings), kept_by(deployment)};
    list(proof.remains, "unnamed_key_files", stray_key_files(deployment.config));
    const auto& report = store.custody->report();
    // Nothing there yet is not the same as nothing left: an image is clean after it was made one.
    if (!report) return proof;
    const auto written = store::read_image_report(deployment.config.paths.state_dir);
    if (!written || !*written || !(*written)->done)
        proof.remains.push_back({"report", 1, store::kImageReportName + " is not whole"});
    return proof;
}

}  // namespace latchkey::daemon
