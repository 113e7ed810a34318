// Verifying a license, against the bare signature check that it contains; and the cryptography that
// one activation takes at the key server, with nothing around it.

#include <benchmark/benchmark.h>

#include "licensing/crypto.h"
#include "licensing/jws.h"
#include "licensing/seal.h"

namespace latchkey::licensing {
namespace {

json::bj::value license_like() {
    json::bj::object document;
    for (int i = 0; i < 25; ++i)
        document["member_" + std::to_string(i)] =
            "a value of usual length, number " + std::to_string(i);
    return document;
}

void ed25519_verify(benchmark::State& state) {
    const auto key = SigningKey::generate();
    const std::string bytes = json::to_text(license_like());
    const auto signature = key.sign(as_bytes(bytes));
    for (auto _ : state)
        benchmark::DoNotOptimize(verify_ed25519(key.public_key(), as_bytes(bytes), signature));
}
BENCHMARK(ed25519_verify);

void jws_verify(benchmark::State& state) {
    const auto key = SigningKey::generate();
    const std::string jws = sign_jws(key, "bench+jws", license_like());
    for (auto _ : state) benchmark::DoNotOptimize(open_jws(jws, "bench+jws", key.public_key()));
}
BENCHMARK(jws_verify);

/// docs/keyserver.md, Requests: challenge and proof are verified, the message is unsealed, license,
/// receipt and reply are signed.
void activation_cryptography(benchmark::State& state) {
    const auto key = SigningKey::generate();
    const auto recipient = SealKey::generate();
    const std::string bytes = json::to_text(license_like());
    const auto signature = key.sign(as_bytes(bytes));
    const std::string sealed = seal(recipient.public_key(), "kid", bytes);
    for (auto _ : state) {
        for (int i = 0; i < 2; ++i)
            benchmark::DoNotOptimize(verify_ed25519(key.public_key(), as_bytes(bytes), signature));
        benchmark::DoNotOptimize(unseal(sealed, recipient));
        for (int i = 0; i < 3; ++i) benchmark::DoNotOptimize(key.sign(as_bytes(bytes)));
    }
}
BENCHMARK(activation_cryptography);

}  // namespace
}  // namespace latchkey::licensing
