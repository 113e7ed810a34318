// A product as a vendor might write it: at its start it asks the agent for its license, verifies
// all of it by itself (verify.h), says in one line what it found, and lets its user work in any
// case. What to do about a missing license is the vendor's decision; this one would remind.

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdio>
#include <string>

#include "agent/localapi/client.h"
#include "base/encoding.h"
#include "base/strict_json.h"
#include "licensing/crypto.h"
#include "platform/paths.h"
#include "platform/secure_file.h"
#include "tests/sample_product/verify.h"

namespace latchkey::sample {
namespace {

namespace bj = json::bj;

constexpr std::size_t kMaxManifest = 64 * 1024;
constexpr std::size_t kMaxMemory = 32;
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kMaxProducts = 1000;
constexpr std::size_t kMaxWord = 64;
constexpr std::int64_t kMaxSeconds = 1'000'000'000;
/// A person waits for this program to start.
constexpr Duration kPatience = seconds{3};

/// The exit code, so that a script can tell, too.
enum class Outcome : int {
    licensed = 0,  ///< proved by signatures
    unproved = 1,  ///< grace, not activated, over, or nobody there to ask
    refused = 2,   ///< something was offered as a license, and is none
};

struct Finding {
    Outcome outcome = Outcome::unproved;
    std::string words;
};

struct Options {
    std::string manifest;
    std::string memory;
    localapi::ClientOptions agent{platform::default_paths().endpoint, kPatience};
};

// The memory: the highest key set version accepted so far. Lost or spoilt it is as on the first
// day; that must not keep anybody from working.

std::int64_t remembered(const std::string& file) {
    const auto text = platform::read_file(file, kMaxMemory);
    std::int64_t version = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), version);
    return version > 0 ? version : 0;
}

void remember(const std::string& file, std::int64_t version) {
    if (version == remembered(file)) return;
    if (const auto kept = platform::write_private_file(file, std::to_string(version)); !kept)
        std::fprintf(stderr, "note: %s\n", kept.error().detail.c_str());
}

/// What the agent says about a product that is not simply licensed, for its user to read. Nobody
/// signed it: it decides nothing.
std::string agents_words(const Options& options, const std::string& product) {
    using Reader = json::ObjectReader;
    const auto status = localapi::request(options.agent, "GET", "/v1/status", nullptr);
    if (!status) return {};
    Reader document(*status, "status");
    const auto* products = document.array("products", kMaxProducts);
    if (products == nullptr) return {};
    for (const auto& entry : *products) {
        Reader in(entry, "product");
        const auto state = in.string("state", kMaxWord);
        const auto* grace = in.optional_object("grace");
        if (in.string("id", kMaxWord) != product || !in.ok()) continue;
        if (grace == nullptr) return " (" + state + ")";
        Reader time(*grace, "grace");
        const auto left = time.optional_integer("remaining_s", 0, kMaxSeconds);
        if (!left) return " (" + state + ")";
        const auto days = std::chrono::floor<Days>(seconds{*left}).count();
        return ", in grace, " + std::to_string(days) + " days left (" + state + ")";
    }
    return {};
}

Finding no_answer(const Options& options, const std::string& product, const Problem& problem) {
    if (problem.code == Code::not_activated)
        return {Outcome::unproved, "not activated" + agents_words(options, product)};
    return {Outcome::unproved, std::string(problem.title()) + " " + problem.detail};
}

Finding look(const Options& options, const Shipped& shipped) {
    const std::string path = "/v1/products/" + shipped.product;
    const auto offered = localapi::request_text(options.agent, "GET", path + "/license", nullptr);
    if (!offered) return no_answer(options, shipped.product, offered.error());
    const auto genuine = check_license(shipped, *offered, remembered(options.memory));
    if (!genuine) return {Outcome::refused, genuine.error().detail};
    remember(options.memory, genuine->key_set_version);

    const std::string nonce = base64url(licensing::random_bytes(kNonceBytes));
    const bj::value question{{"nonce", nonce}};
    const auto attested =
        localapi::request_text(options.agent, "POST", path + "/attest", &question);
    if (!attested) return no_answer(options, shipped.product, attested.error());
    const auto& license = *genuine->license;
    const auto proof = check_attestation(license, *attested, nonce);
    if (!proof) return {Outcome::refused, proof.error().detail};

    if (!in_force(license, proof->now))
        return {Outcome::unproved, "the lease ended " + format_rfc3339(*license.expires_at) +
                                       agents_words(options, shipped.product)};
    if (proof->state != "licensed")
        return {Outcome::unproved, "not licensed" + agents_words(options, shipped.product)};
    const std::string until =
        license.expires_at ? "until " + format_rfc3339(*license.expires_at) : "without end";
    return {Outcome::licensed, "licensed " + until + " to " + license.organization};
}

std::string_view what_it_does(Outcome outcome) {
    switch (outcome) {
        case Outcome::licensed:
            return "works";
        case Outcome::unproved:
            return "works, and would remind its user";
        case Outcome::refused:
            return "works, and would remind its user that this is no license";
    }
    return {};
}

/// Whoever installed this product made a mistake; it is not its user's license that is at fault.
int badly_installed(const std::string& file, const std::string& why, ExitCode code) {
    std::fprintf(stderr, "%s: %s\n", file.c_str(), why.c_str());
    return static_cast<int>(code);
}

int start(const Options& options) {
    const auto& file = options.manifest;
    const auto manifest = platform::read_file(file, kMaxManifest);
    if (!manifest)
        return badly_installed(file, manifest.error().detail, ExitCode::input_unreadable);
    const auto shipped = read_shipped(*manifest);
    if (!shipped) return badly_installed(file, shipped.error().detail, ExitCode::config_error);
    auto found = look(options, *shipped);
    // Between our two questions the agent may have got a new license: then the second look is good.
    if (found.outcome == Outcome::refused) found = look(options, *shipped);
    const std::string_view verdict = found.outcome == Outcome::refused ? "refused: " : "";
    std::printf("%s: %s%s; %s\n", shipped->product.c_str(), std::string(verdict).c_str(),
                found.words.c_str(), std::string(what_it_does(found.outcome)).c_str());
    return static_cast<int>(found.outcome);
}

}  // namespace
}  // namespace latchkey::sample

int main(int argc, char** argv) {
    CLI::App app("A product that verifies its license itself: an example for vendors.");
    latchkey::sample::Options options;
    app.add_option("--manifest", options.manifest, "The manifest this product was shipped with")
        ->required();
    app.add_option("--memory", options.memory, "Where it keeps the newest key set version seen")
        ->required();
    app.add_option("--socket", options.agent.endpoint, "The agent's local endpoint");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        return app.exit(wrong) == 0 ? 0 : static_cast<int>(latchkey::ExitCode::usage);
    }
    return latchkey::sample::start(options);
}
