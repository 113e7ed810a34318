#include "licensing/weights.h"

namespace latchkey::licensing {
namespace {

Failure refuse(std::string why) { return fail(Code::signature_invalid, std::move(why)); }

}  // namespace

std::string sign_weights(const SigningKey& root, const WeightsTable& table) {
    return sign_jws(root, typ::kWeights, to_json(table));
}

Result<Verified<WeightsTable>> verify_weights(std::string_view jws, const PinnedRoot& root) {
    const auto payload = open_jws(jws, typ::kWeights, root.root);
    if (!payload) return refuse("weights table: " + payload.error().detail);
    auto table = weights_table_from_json(*payload);
    if (!table) return refuse(table.error().detail);
    if (table->publisher != root.publisher)
        return refuse("the weights table is another publisher's");
    return VerifiedMaker::make(std::move(*table), std::string(jws));
}

Result<void> check_replaces(const Verified<WeightsTable>& candidate, const hwid::Weights& current) {
    const std::int64_t version = candidate->weights.version;
    if (version <= current.version) {
        return fail(Code::version_not_newer, "the weights table is version " +
                                                 std::to_string(version) + ", and version " +
                                                 std::to_string(current.version) + " is in force");
    }
    if (version - current.version > kMaxVersionJump)
        return fail(Problem{Code::version_not_newer,
                            "the weights table's version runs too far ahead of the one in force",
                            "Give it a version at most " + std::to_string(kMaxVersionJump) +
                                " above the one in force, and sign it again."});
    return {};
}

}  // namespace latchkey::licensing
