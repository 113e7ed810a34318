// docs/keyserver-api.yaml lists the members that messages have: all of them, and as `required`
// those that are always there.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "licensing/messages.h"
#include "licensing/redemption.h"

namespace latchkey::licensing {
namespace {

using Names = std::set<std::string>;

std::string description() {
    std::ifstream file(LATCHKEY_API_DESCRIPTION);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

/// From "    Name:" to the next schema.
std::string schema(const std::string& name) {
    const std::string text = description();
    const auto start = text.find("\n    " + name + ":\n");
    if (start == std::string::npos) return {};
    auto end = text.find("\n    ", start + 1);
    while (end != std::string::npos && text[end + 5] == ' ') end = text.find("\n    ", end + 1);
    return text.substr(start, end - start);
}

Names required(const std::string& name) {
    const std::string text = schema(name);
    const auto start = text.find("required: [");
    const auto end = text.find(']', start);
    if (end == std::string::npos) return {};
    std::string list = text.substr(start + 11, end - start - 11);
    std::replace(list.begin(), list.end(), ',', ' ');
    std::istringstream words(list);
    Names names;
    for (std::string word; words >> word;) names.insert(word);
    return names;
}

Names described(const std::string& name) {
    std::istringstream lines(schema(name));
    Names names;
    for (std::string line; std::getline(lines, line);) {
        if (const auto one_line = line.find("properties: {"); one_line != std::string::npos)
            line = "        " + line.substr(one_line + 13);
        const bool member = line.starts_with("        ") && line[8] != ' ' && line[8] != '-';
        if (member) names.insert(line.substr(8, line.find(':') - 8));
    }
    return names;
}

Names members(const json::bj::value& message) {
    Names names;
    for (const auto& member : message.as_object()) names.insert(std::string(member.key()));
    return names;
}

/// Members that the reader does not do without.
template <class T>
Names needed(const T& message, Result<T> (*read)(const json::bj::value&)) {
    const auto whole = to_json(message).as_object();
    EXPECT_TRUE(read(whole));
    Names names;
    for (const auto& member : whole) {
        auto without = whole;
        without.erase(member.key());
        if (!read(without)) names.insert(std::string(member.key()));
    }
    return names;
}

hwid::Fingerprint some_fingerprint() {
    hwid::Fingerprint fingerprint;
    fingerprint.salt_id = "salt-1";
    return fingerprint;
}

template <class Reply>
void expect_reply_described(const std::string& name) {
    EXPECT_EQ(required(name), members(to_json(Reply()))) << name << ": what is always sent";
    EXPECT_EQ(described(name), required(name)) << name;
}

TEST(ApiDescription, lists_what_the_server_always_sends) {
    expect_reply_described<ActivationReply>("ActivationReply");
    expect_reply_described<PreviewReply>("PreviewReply");
    expect_reply_described<RenewReply>("RenewReply");
    expect_reply_described<ReleaseReply>("ReleaseReply");
    expect_reply_described<LedgerReply>("LedgerReply");
    expect_reply_described<RedeemReply>("RedeemReply");
    expect_reply_described<TpmChallengeReply>("TpmChallengeReply");
    expect_reply_described<GraceUse>("GraceUse");
    expect_reply_described<Activations>("Activations");
}

template <class Request>
void expect_request_described(const std::string& name, const Request& request,
                              Result<Request> (*read)(const json::bj::value&)) {
    EXPECT_EQ(required(name), needed(request, read)) << name;
    EXPECT_EQ(described(name), members(to_json(request))) << name;
}

TEST(ApiDescription, lists_what_the_server_does_not_do_without) {
    ActivationRequest activation;
    activation.product = "suite";
    activation.product_key = "K";
    activation.platform = "linux";
    activation.fingerprint = some_fingerprint();
    activation.tpm = TpmProof{{}, Bytes(1), Bytes(1), Bytes(32), Bytes(1), Bytes(64)};
    activation.tpm_unproven = "absent";
    expect_request_described("ActivationRequest", activation, activation_request_from_json);
    expect_request_described("RenewRequest",
                             RenewRequest{"suite", 1, some_fingerprint(), "linux", {}},
                             renew_request_from_json);
    LedgerRequest ledger;
    ledger.product = "suite";
    ledger.platform = "linux";
    ledger.fingerprint = some_fingerprint();
    expect_request_described("LedgerRequest", ledger, ledger_request_from_json);
    expect_request_described("RedeemRequest", RedeemRequest{"suite", "T", {}, {}, {}, {}},
                             redeem_request_from_json);
    expect_request_described("TpmProof", *activation.tpm, tpm_proof_from_json);
    expect_request_described("TpmChallengeRequest",
                             TpmChallengeRequest{"suite", Bytes(1), Bytes(1)},
                             tpm_challenge_request_from_json);
    expect_request_described("ReleaseRequest", ReleaseRequest{"suite"}, release_request_from_json);
}

}  // namespace
}  // namespace latchkey::licensing
