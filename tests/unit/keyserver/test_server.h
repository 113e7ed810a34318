#pragma once

// A key server without a network: real store, real keys, real signatures, in a directory of its
// own; and devices that ask it. Time is the test's.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "hwid/fingerprint.h"
#include "keyserver/admin/office.h"
#include "keyserver/premises.h"
#include "keyserver/routes.h"
#include "licensing/messages.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/keyserver/temporary_directory.h"

namespace latchkey::keyserver {

/// What a machine is made of, in the parts the rules care for. Change one and ask again; an empty
/// part is not mentioned.
struct Hardware {
    std::string board = "5TR8W21";
    std::string uuid = "4c4c4544-0054-5210-8038-b5c04f573231";
    std::string mac = "00:1b:21:3a:4f:01";   ///< onboard: goes with the board
    std::string card = "00:15:17:aa:bb:01";  ///< a network card in a slot
    std::string disk = "S5GXNX0T123456";
    Bytes tpm = {};  ///< its endorsement key, TPM2B_PUBLIC

    hwid::Fingerprint seen_under(const Publisher& publisher) const;
    Hardware with_other_board() const;
    Hardware with_other_card() const;
    static Hardware another();
};

class TestServer {
public:
    explicit TestServer(const DatabaseChoice& database = {});
    /// In a directory of the caller's, from that time on.
    TestServer(std::filesystem::path directory, WallTime from);

    /// In force now; stays good through rotations.
    const KeyRoom& room() const;
    KeyKeeper& keys() { return *premises_.keys; }
    Store& store() { return *premises_.store; }
    Routes& routes() { return routes_; }
    admin::Office& office() { return office_; }
    const std::filesystem::path& directory() const { return directory_; }

    /// "key issue", …; fails the test where the verb fails.
    json::bj::object admin(std::string noun, std::string name, admin::RawArguments arguments);
    Result<json::bj::object> try_admin(std::string noun, std::string name,
                                       admin::RawArguments arguments);
    /// A product "editor", an entitlement of it, and a key; returns the key.
    std::string sell(std::string program, int activations, admin::RawArguments entitlement = {});
    /// Of the key sold last.
    std::int64_t used();

    HttpResponse answer(const HttpRequest& request);

    fakes::FakeClock clock;

private:
    std::optional<TemporaryDirectory> own_directory_;
    std::filesystem::path directory_;
    Premises premises_;
    Policy policy_;
    Routes routes_;
    admin::Office office_;
    std::string key_id_;
    mutable std::vector<std::shared_ptr<const KeyRoom>> rooms_;  ///< that were handed out
};

/// What came back: verified, as an agent would.
struct Told {
    int status = 0;
    bool was_signed = false;
    json::bj::value body;
    std::string code;  ///< of a problem; empty: it worked
    json::bj::value operator[](std::string_view member) const { return body.at(member); }
};

/// One device key asking one server.
class TestDevice {
public:
    explicit TestDevice(TestServer& server) : server_(server) {}

    /// The pieces of a request may be bent before it is sent.
    HttpRequest request(std::string method, std::string path, const std::string& inner,
                        std::string idempotency_key);
    Told send(const HttpRequest& request);
    /// What a request of its own signs, to be bent and signed again.
    static licensing::RequestProof proof_of(const HttpRequest& request);
    std::string sign(const licensing::RequestProof& proof) const;

    Told activate(const std::string& product_key, const Hardware& hardware, int max_count = 1,
                  std::optional<std::string> idempotency_key = {});
    Told preview(const std::string& product_key, const Hardware& hardware);
    Told renew(const Hardware& hardware, std::int64_t sequence);
    Told release();
    Told rearms(const Hardware& hardware, int used, licensing::GraceUse grace,
                std::string product = "editor", std::optional<std::string> idempotency_key = {});

    Told redeem(const std::string& token, std::string product = "editor",
                std::optional<std::string> idempotency_key = {});

    std::string activation_message(const std::string& product_key, const Hardware& hardware,
                                   int max_count) const;
    std::string challenge();
    std::string public_key() const { return licensing::to_text(key_.public_key()); }
    const licensing::PublicKey& key() const { return key_.public_key(); }

    /// Of the last activation or renewal that worked.
    std::optional<licensing::License> license;
    std::optional<licensing::Receipt> receipt;

    std::string platform = "linux";
    bool lab = false;
    std::string organization;
    std::string country;
    std::string location;

private:
    std::string fresh();
    void keep(const Told& told);

    TestServer& server_;
    licensing::SigningKey key_ = licensing::SigningKey::generate();
    std::string proof_nonce_;
};

}  // namespace latchkey::keyserver
