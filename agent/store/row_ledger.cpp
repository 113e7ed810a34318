// What the key server's grace ledger told, inside a product's row. Rows of schema version 1 have
// none of it.

#include "agent/store/rows.h"

namespace latchkey::store {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxName = 128;
constexpr int kMaxCount = 1'000'000;

int read_count(ObjectReader& in, std::string_view name) {
    return static_cast<int>(in.integer(name, 0, kMaxCount));
}

bj::value word_json(const core::LedgerWord& word) {
    return bj::object{{"first_grace_at", instant_json(word.first_grace_at)},
                      {"graces_this_year", word.graces_this_year},
                      {"graces_allowed", word.graces_allowed},
                      {"as_of", instant_json(word.as_of)}};
}

std::optional<core::LedgerWord> read_word(ObjectReader& ledger) {
    const auto* value = ledger.optional_object("told");
    if (!value) return std::nullopt;
    ObjectReader in(*value, "told");
    core::LedgerWord word;
    word.first_grace_at = read_instant(in, "first_grace_at");
    word.graces_this_year = read_count(in, "graces_this_year");
    word.graces_allowed = read_count(in, "graces_allowed");
    word.as_of = read_instant(in, "as_of");
    if (auto bad = finish(in)) ledger.refuse("told", bad->detail);
    return word;
}

}  // namespace

bj::value ledger_to_json(const core::Ledger& ledger) {
    return bj::object{{"ask_at", instant_json(ledger.ask_at)},
                      {"retry_position", ledger.retry_position},
                      {"told", ledger.told ? word_json(*ledger.told) : bj::value(nullptr)},
                      {"refused", printable(ledger.refused, kMaxName)}};
}

Result<core::Ledger> ledger_from_json(const bj::value& value) {
    ObjectReader in(value, "ledger");
    core::Ledger ledger;
    ledger.ask_at = read_optional_instant(in, "ask_at");
    ledger.retry_position = read_count(in, "retry_position");
    ledger.told = read_word(in);
    ledger.refused = in.string("refused", kMaxName);
    if (auto bad = finish(in)) return fail(*bad);
    return ledger;
}

bj::value tpm_ledger_to_json(const core::TpmLedger& ledger) {
    return bj::object{{"counted", ledger.counted}, {"before", ledger.before}};
}

Result<core::TpmLedger> tpm_ledger_from_json(const bj::value& value) {
    ObjectReader in(value, "TPM ledger");
    core::TpmLedger ledger;
    ledger.counted = read_count(in, "counted");
    ledger.before = read_count(in, "before");
    if (auto bad = finish(in)) return fail(*bad);
    return ledger;
}

}  // namespace latchkey::store
