// bench-load MODE PORT CA_FILE CONNECTIONS REQUESTS [MANIFEST KEY_FILE]
//
// A closed loop of CONNECTIONS clients, REQUESTS in all, and what it took, as JSON on stdout.
//   handshake  connects and goes away         get       GET / on a connection each
//   activate   a machine of its own each, on a connection each; each counts
//   idle       opens REQUESTS connections, asks once on each, and holds them until its stdin ends
//   renew      the next lease of a license that was fetched before, on a connection each
//   preview    the same, asking only          keep      activate, on kept connections
// Requests are signed and sealed before the clock starts, each by a device key of its own.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/strict_json.h"
#include "hwid/fingerprint.h"
#include "licensing/crypto.h"
#include "licensing/envelope.h"
#include "licensing/manifest.h"
#include "licensing/messages.h"
#include "licensing/seal.h"
#include "licensing/trust.h"
#include "tests/bench/wire.h"

namespace latchkey::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (text.empty()) throw std::runtime_error("cannot read " + path);
    return text;
}

std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

template <class T>
T wanted(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().detail);
    return std::move(*result);
}

/// What every request needs to know of the key server and of the product.
struct Trade {
    licensing::Manifest manifest;
    licensing::KeySet keys;
    std::string challenge;
    std::string product_key;
};

Trade learn(const Target& target, const std::string& manifest_file, const std::string& key_file) {
    Trade trade;
    trade.manifest = *wanted(licensing::verify_manifest(read_file(manifest_file), nullptr));
    trade.product_key = read_file(key_file);
    Wire wire(target);
    const auto bundle =
        wanted(licensing::parse_trust_bundle(wire.exchange(get("/.well-known/latchkey")).body));
    trade.keys = *wanted(licensing::accept_bundle(bundle, trade.manifest.pinned_root(), 0)).key_set;
    const auto time = wire.exchange(get("/v1/time?nonce=AAAAAAAAAAAAAAAAAAAAAAAA"));
    const auto value = wanted(json::parse_strict(time.body));
    trade.challenge = std::string(value.at("challenge").as_string());
    return trade;
}

/// Hardware that nobody has seen before.
hwid::Fingerprint somebody(const licensing::Manifest& manifest) {
    const auto digest = licensing::keyed_digest(manifest.salt);
    const std::string unit = hex(licensing::random_bytes(8));
    hwid::Snapshot snapshot;
    snapshot.os = "linux";
    const auto add = [&](hwid::Kind kind, const std::string& value, hwid::Attributes more = {}) {
        snapshot.components.push_back({kind, value, {}, std::move(more), hwid::State::present});
    };
    add(hwid::Kind::system_serial, "SYS" + unit);
    add(hwid::Kind::board_serial, "BRD" + unit);
    add(hwid::Kind::disk, "DSK" + unit, {{"bus", "nvme"}});
    add(hwid::Kind::system_vendor, "Dell Inc.");
    add(hwid::Kind::system_product, "OptiPlex 7090");
    return hwid::fingerprint(snapshot, digest, manifest.salt_id);
}

/// A machine and what it asks with.
struct Device {
    licensing::SigningKey key = licensing::SigningKey::generate();
    hwid::Fingerprint fingerprint;
};

/// The whole HTTP request: sealed, signed, and good for once.
std::string sealed_request(const Trade& trade, const Device& device, const std::string& path,
                           const json::bj::value& message, bool keep) {
    const auto sealed =
        licensing::seal(trade.keys.seal_key, trade.keys.seal_kid, json::to_text(message));
    const auto body =
        json::to_text(licensing::to_json(licensing::SealedBody{trade.keys.publisher, sealed}));
    const std::string once = base64url(licensing::random_bytes(18));
    const auto proof = licensing::sign_request(
        device.key, {"POST", path, trade.keys.publisher, base64url(licensing::sha256(body)),
                     trade.challenge, once, base64url(licensing::random_bytes(18))});
    return "POST " + path +
           " HTTP/1.1\r\nHost: localhost\r\nConnection: " + (keep ? "keep-alive" : "close") +
           "\r\nContent-Type: application/json\r\n" + "Latchkey-Protocol: 1\r\nLatchkey-Device: " +
           licensing::to_text(device.key.public_key()) + "\r\nLatchkey-Request: " + proof +
           "\r\nIdempotency-Key: " + once + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

std::string activation(const Trade& trade, const Device& device, const std::string& path,
                       bool keep) {
    licensing::ActivationRequest message;
    message.product = trade.manifest.product;
    message.product_key = trade.product_key;
    message.fingerprint = device.fingerprint;
    message.platform = "linux";
    message.organization = "contoso";
    message.country = "DE";
    message.agent_version = "0.1.0";
    return sealed_request(trade, device, path, licensing::to_json(message), keep);
}

/// Activates on `wire`, and asks for the next lease.
std::string renewal(const Trade& trade, const Device& device, Wire& wire) {
    const auto answer = wire.exchange(activation(trade, device, "/v1/activations", true));
    const auto payload = [](const json::bj::value& jws) {
        const std::string text(jws.as_string());
        const auto from = text.find('.') + 1;
        const auto bytes = from_base64url(text.substr(from, text.find('.', from) - from));
        return wanted(
            json::parse_strict({reinterpret_cast<const char*>(bytes->data()), bytes->size()}));
    };
    const auto reply = payload(wanted(json::parse_strict(answer.body)).at("reply"));
    const auto license = payload(reply.at("body").at("license"));
    licensing::RenewRequest message;
    message.product = trade.manifest.product;
    message.lease_sequence = license.at("lease_sequence").to_number<std::int64_t>();
    message.fingerprint = device.fingerprint;
    message.platform = "linux";
    message.agent_version = "0.1.0";
    const std::string id(license.at("id").as_string());
    return sealed_request(trade, device, "/v1/licenses/" + id + "/renew",
                          licensing::to_json(message), false);
}

struct Run {
    std::vector<double> milliseconds;  ///< of each exchange that went well
    int errors = 0;
};

/// One client's share: a connection each, or one for all.
Run client(const Target& target, const std::vector<std::string>& requests,
           std::atomic<size_t>& next, size_t count, bool keep) {
    Run run;
    std::optional<Wire> wire;
    for (size_t i = next++; i < count; i = next++) {
        const auto start = Clock::now();
        try {
            if (!wire) wire.emplace(target);
            if (!requests.empty() && wire->exchange(requests[i]).status >= 400) ++run.errors;
            if (!keep) wire.reset();
        } catch (const std::exception& e) {
            if (++run.errors == 1) std::fprintf(stderr, "%s\n", e.what());
            wire.reset();
            continue;
        }
        run.milliseconds.push_back(
            std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    return run;
}

std::vector<std::string> prepare(const std::string& mode, const Target& target, size_t count,
                                 char** more) {
    if (mode == "handshake") return {};
    if (mode == "get") return std::vector<std::string>(count, get("/"));
    const auto trade = learn(target, more[0], more[1]);
    const std::string path = mode == "preview" ? "/v1/activations/preview" : "/v1/activations";
    std::vector<std::string> requests;
    Wire wire(target);
    for (size_t i = 0; i < count; ++i) {
        Device device;
        device.fingerprint = somebody(trade.manifest);
        requests.push_back(mode == "renew" ? renewal(trade, device, wire)
                                           : activation(trade, device, path, mode == "keep"));
    }
    return requests;
}

/// A hundred from each address of 127.0.0.0/8: a server may allow each so many only.
void hold(const Target& target, size_t count) {
    std::vector<std::unique_ptr<Wire>> wires;
    for (size_t i = 0; i < count; ++i) {
        const auto host = 2 + i / 100;
        wires.push_back(std::make_unique<Wire>(
            target, "127.0." + std::to_string(host / 250) + "." + std::to_string(1 + host % 250)));
        if (wires.back()->exchange(get("/healthz")).status != 200)
            throw std::runtime_error("not well");
    }
    std::printf("ready\n");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
}

void measure(char** words) {
    const std::string mode = words[1];
    const Target target(words[2], words[3]);
    const auto clients = std::stoul(words[4]);
    const auto count = std::stoul(words[5]);
    if (mode == "idle") return hold(target, count);
    const auto requests = prepare(mode, target, count, words + 6);

    // The server's CPU is read before and after by whoever waits for these lines.
    std::printf("ready\n");
    std::fflush(stdout);
    if (std::getchar() == EOF) return;

    std::atomic<size_t> next{0};
    std::vector<Run> runs(clients);
    const auto start = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (auto& run : runs)
            threads.emplace_back(
                [&] { run = client(target, requests, next, count, mode == "keep"); });
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::vector<double> all;
    int errors = 0;
    for (const auto& run : runs) {
        all.insert(all.end(), run.milliseconds.begin(), run.milliseconds.end());
        errors += run.errors;
    }
    if (all.empty()) throw std::runtime_error("nothing went well");
    std::sort(all.begin(), all.end());
    std::printf(
        "{\"requests\": %zu, \"errors\": %d, \"seconds\": %.4f, \"p50_ms\": %.3f, "
        "\"p99_ms\": %.3f}\n",
        all.size(), errors, seconds, all[all.size() / 2], all[all.size() * 99 / 100]);
}

}  // namespace
}  // namespace latchkey::bench

int main(int count, char** words) {
    if (count != 6 && count != 8) {
        std::fprintf(stderr,
                     "usage: bench-load MODE PORT CA_FILE CONNECTIONS REQUESTS "
                     "[MANIFEST KEY_FILE]\n");
        return 64;
    }
    try {
        latchkey::bench::measure(words);
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bench-load: %s\n", e.what());
        return 1;
    }
}
