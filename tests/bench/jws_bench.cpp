// Verifying a license, against the bare signature check that it contains.

#include <benchmark/benchmark.h>

#include "licensing/crypto.h"
#include "licensing/jws.h"

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

}  // namespace
}  // namespace latchkey::licensing
