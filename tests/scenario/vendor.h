#pragma once

// The publisher's side of a story: the real key server's rules, store and signatures, in process.
// Its clock is always right. Its network can be cut, and answers can get lost on the way.

#include <boost/json/object.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "agent/net/make_client.h"
#include "keyserver/admin/office.h"
#include "keyserver/http/chaos.h"
#include "keyserver/premises.h"
#include "keyserver/routes.h"
#include "tests/fakes/fake_clock.h"

namespace latchkey::scenario {

using Arguments = keyserver::admin::RawArguments;

class Vendor {
public:
    explicit Vendor(std::filesystem::path folder, const std::string& publisher = "example.org");
    Vendor(const Vendor&) = delete;
    Vendor& operator=(const Vendor&) = delete;

    /// An administration command; aborts the test where it fails.
    boost::json::object admin(const std::string& noun, const std::string& name,
                              Arguments arguments);

    void add_product(const std::string& product, Arguments more = {});
    /// An entitlement under the program, and a product key of it.
    std::string sell(const std::string& product, const std::string& program, int activations);
    std::string issue_token(const std::string& product);
    /// The signed manifest, as a file.
    void export_manifest(const std::string& product, const std::filesystem::path& file);

    /// `signing-key rotate`, with "root" and the like.
    boost::json::object rotate_keys(Arguments arguments = {});
    /// A command for which the root signs.
    boost::json::object with_root(const std::string& noun, const std::string& name,
                                  Arguments arguments);
    /// Connections to this key server.
    net::Dialer network();

    fakes::FakeClock clock;
    bool reachable = true;
    int lost_replies = 0;      ///< so many of the next decisions are made, and their answers lost
    std::string served_trust;  ///< in place of the trust bundle; empty: the right one
    std::function<void()> on_decision;  ///< called after each decision; may be empty
    /// From now on so many of 100 requests meet a failure that a key server may answer with
    /// (keyserver/http/chaos.h); which ones, the seed says.
    void trouble(double share, std::uint32_t seed);
    int mishaps = 0;  ///< requests that met one

    int connections = 0;  ///< that agents have opened
    int decisions = 0;    ///< signed requests that arrived
    int activations = 0;  ///< of them, those that ask for an activation

    /// In force now.
    std::shared_ptr<const keyserver::KeyRoom> room() const { return premises_.keys->room(); }
    const std::filesystem::path& folder() const { return folder_; }

private:
    friend class Wire;
    keyserver::HttpHandler& handler();

    std::filesystem::path folder_;
    keyserver::Policy policy_;
    keyserver::Premises premises_;
    keyserver::Routes routes_;
    std::mt19937 dice_;
    std::optional<keyserver::Chaos> chaos_;
    keyserver::admin::Office office_;
};

}  // namespace latchkey::scenario
