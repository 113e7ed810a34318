// A product that verifies its license itself, and what may stand where its agent should: a licensed
// machine is believed; a license that was copied, lent or kept for too long is found out, each with
// its reason; and nothing keeps the product from working.

#include <boost/json/serialize.hpp>

#include "base/encoding.h"
#include "licensing/crypto.h"
#include "licensing/trust.h"
#include "tests/e2e/local_responder.h"
#include "tests/e2e/story.h"

namespace latchkey::e2e {
namespace {

using boost::json::serialize;
using testing::HasSubstr;

class SampleProduct : public Story {
protected:
    SampleProduct() { agent.start(); }

    Finished start_product(const fs::path& socket) const {
        const Words words{"--manifest", shipped, "--memory", memory, "--socket", socket};
        return run({Words{program("latchkey-sample-product")} + words, {}, {}});
    }
    /// The product's line; that it says and exits so.
    std::string expect(int exit_code, const std::string& words, const fs::path& socket) const {
        const auto done = start_product(socket);
        EXPECT_EQ(done.exit_code, exit_code) << done.out << done.err;
        EXPECT_THAT(done.out, HasSubstr(words)) << done.err;
        EXPECT_THAT(done.out, HasSubstr("; works")) << "whatever it found";
        return done.out;
    }
    void expect_refused(const std::string& words, WireHandler handler) const {
        const LocalResponder fake(world.path("fake.sock"), std::move(handler));
        expect(2, "refused: " + words, fake.socket());
        fs::remove(fake.socket());
    }

    WireResponse ask(const WireRequest& request) const {
        return ask_local(agent.socket(), request);
    }
    WireResponse license_answer() const {
        return ask({"GET", "/v1/products/editor/license", {}, {}});
    }
    static bool wants_license(const WireRequest& request) {
        return request.target.ends_with("/license");
    }
    /// This license answer for ever, and otherwise the live agent.
    WireHandler replaying(WireResponse license) const {
        return [this, license = std::move(license)](const WireRequest& request) {
            return wants_license(request) ? license : ask(request);
        };
    }

    Grant granted = grant(server, "editor", "competency", 10);
    fs::path memory = world.path("memory");
    fs::path shipped = world.write("product/editor.jws", server.manifest("editor"));
};

TEST_F(SampleProduct, believes_the_machine_that_is_licensed) {
    EXPECT_THAT(expect(1, "not activated, in grace, ", agent.socket()),
                testing::ContainsRegex(" (30|29) days left .initial_grace."));
    agent.activate("editor", granted.key);
    expect(0, "editor: licensed ", agent.socket());
    EXPECT_EQ(read_file(memory), "1");
    agent.become(agent.machine.with_new_board());
    wait_for([&] { return state_of() != "licensed"; });
    expect(1, "editor: not licensed, in grace, ", agent.socket());
}

TEST_F(SampleProduct, works_where_there_is_no_agent_and_no_place_for_its_memory) {
    memory = world.path("no such folder") / "memory";
    agent.activate("editor", granted.key);
    expect(0, "licensed", agent.socket());
    agent.stop();
    expect(1, "The agent does not answer", agent.socket());
}

TEST_F(SampleProduct, blames_its_installer_for_what_it_was_shipped_with) {
    write_file(shipped, "rubbish");
    EXPECT_EQ(start_product(agent.socket()).exit_code, 78);
    fs::remove(shipped);
    EXPECT_EQ(start_product(agent.socket()).exit_code, 65);
}

TEST_F(SampleProduct, finds_out_a_license_copied_behind_a_fake_endpoint) {
    agent.activate("editor", granted.key);
    const auto license = license_answer();
    const auto recorded =
        ask({"POST", "/v1/products/editor/attest", {}, R"({"nonce":"of another day"})"});
    expect_refused("attestation: it does not answer our question", [&](const WireRequest& request) {
        return wants_license(request) ? license : recorded;
    });
    // A machine with a license of its own cannot vouch for the copy either.
    Agent other(world, Machine::twin(), "other");
    other.know(server, "editor");
    other.start();
    other.activate("editor", granted.key);
    expect_refused("attestation: it is signed by another key", [&](const WireRequest& request) {
        return wants_license(request) ? license : ask_local(other.socket(), request);
    });
}

TEST_F(SampleProduct, finds_out_an_attestation_over_another_nonce) {
    agent.activate("editor", granted.key);
    expect_refused("attestation: it does not answer our question", [&](WireRequest request) {
        if (!wants_license(request)) request.body = R"({"nonce":"another"})";
        return ask(request);
    });
}

TEST_F(SampleProduct, finds_out_an_altered_license) {
    agent.activate("editor", granted.key);
    auto altered = license_answer();
    const auto end = altered.body.find('"', altered.body.find("\"license\":\"") + 11);
    altered.body[end - 40] = altered.body[end - 40] == 'A' ? 'B' : 'A';
    expect_refused("license: the signature does not fit", replaying(altered));
}

TEST_F(SampleProduct, takes_no_license_of_another_product) {
    server.add_product("draw", "Contoso Draw");
    agent.know(server, "draw");
    agent.restart();
    agent.activate("draw", grant(server, "draw", "competency", 10).key);
    expect_refused("license: it is for another product, draw", [&](WireRequest request) {
        request.target.replace(request.target.find("editor"), 6, "draw");
        return ask(request);
    });
}

TEST_F(SampleProduct, takes_no_license_under_another_publishers_root) {
    agent.activate("editor", granted.key);
    KeyServer fabrikam(world, "fabrikam");
    fabrikam.add_product("editor", "Fabrikam Editor");
    write_file(shipped, fabrikam.manifest("editor"));
    expect(2, "refused: key set: it is signed by another key", agent.socket());
}

TEST_F(SampleProduct, follows_new_keys_and_roots_and_takes_no_older_key_set_again) {
    agent.activate("editor", granted.key);
    const auto before = license_answer();
    expect(0, "licensed", agent.socket());
    server.admin({"signing-key", "rotate"});
    server.admin({"signing-key", "rotate", "--root"});
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    EXPECT_NE(before.body, license_answer().body);
    expect(0, "licensed", agent.socket());
    EXPECT_EQ(read_file(memory), "3");
    expect_refused("the key set is version 1, but version 3 was seen before", replaying(before));
}

TEST_F(SampleProduct, looks_twice_before_it_refuses_because_a_license_may_change_meanwhile) {
    agent.activate("editor", granted.key);
    const auto before = license_answer();
    agent.ask({"deactivate", "--product", "editor"});
    agent.activate("editor", granted.key, 0, {"--accept-count"});
    expect_refused("attestation: ", replaying(before));
    bool first = true;
    const LocalResponder changing(world.path("changing.sock"), [&](const WireRequest& request) {
        return std::exchange(first, false) ? before : ask(request);
    });
    expect(0, "licensed", changing.socket());
}

TEST_F(SampleProduct, sees_a_lease_end) {
    agent.stop();
    // The daemon with a clock of its own, told over a pipe.
    const auto demo_agent = [&](const std::string& told) {
        const Words words{"/bin/bash", "-c", "exec \"$@\" < <(echo \"$0\")", told};
        return Command{words + Words{program("latchkey-demo-agent"), "run", "--config",
                                     agent.config_file().string(), "--machine",
                                     source_file("tests/machines/desktop.json").string()},
                       {},
                       {}};
    };
    const auto lease = grant(server, "editor", "ai-cloud", 10);
    {
        Process today(demo_agent("advance 0h"), world.path("today.log"));
        today.wait_for_line("ok");
        agent.activate("editor", lease.key);
        expect(0, "licensed until ", agent.socket());
        today.stop();
    }
    server.stop();
    Process later(demo_agent("advance 200d"), world.path("later.log"));
    later.wait_for_line("ok", 2 * kDeadline);
    expect(1, "the lease ended ", agent.socket());
}

/// Whoever owns a machine owns its device key, and can make it say anything; and here even a
/// license may be had as one likes.
class Liar : public SampleProduct {
protected:
    Liar() {
        agent.activate("editor", granted.key);
        const auto key_file = parse_json(read_file(server.data() / "signing.key"));
        const auto seed = from_base64url(text_at(key_file, "d"));
        const auto stolen = licensing::SigningKey::from_seed(seed.value());
        answer = parse_json(license_answer().body);
        const auto jws = text_at(answer, "license");
        const auto dot = jws.find('.') + 1;
        const auto payload = from_base64url(jws.substr(dot, jws.find('.', dot) - dot));
        license = parse_json(std::string(payload->begin(), payload->end()));
        auto& members = license.as_object();
        members["device_key"] = licensing::to_text(device.public_key());
        members["kind"] = "lease";
        const auto year = std::stoi(text_at(license, "issued_at").substr(0, 4)) + 1;
        members["expires_at"] = end = std::to_string(year) + "-12-31T23:59:59Z";
        answer.as_object()["license"] =
            licensing::sign_jws(stolen.value(), licensing::typ::kLicense, license);
    }

    /// The machine says that it is licensed, at that time, by that license.
    WireHandler saying(const std::string& now, const std::string& id) const {
        return [this, now, id](const WireRequest& request) {
            if (wants_license(request))
                return WireResponse{200, "application/json", serialize(answer), {}};
            if (request.method == "GET") return ask(request);
            const Json statement{
                {"publisher", "contoso"}, {"product", "editor"},
                {"license", id},          {"nonce", parse_json(request.body).at("nonce")},
                {"state", "licensed"},    {"proven_now", now}};
            const Json attested{
                {"attestation",
                 licensing::sign_jws(device, licensing::typ::kAttestation, statement)}};
            return WireResponse{200, "application/json", serialize(attested), {}};
        };
    }

    licensing::SigningKey device = licensing::SigningKey::generate();
    Json answer, license;
    std::string end;
};

TEST_F(Liar, gains_nothing_by_calling_an_ended_lease_licensed) {
    const auto id = text_at(license, "id"), second_before = end.substr(0, end.size() - 2) + "8Z";
    const LocalResponder in_time(world.path("a.sock"), saying(second_before, id));
    expect(0, "licensed until " + end, in_time.socket());
    const LocalResponder too_late(world.path("b.sock"), saying(end, id));
    expect(1, "the lease ended " + end, too_late.socket());
}

TEST_F(Liar, gains_nothing_by_speaking_of_another_license) {
    expect_refused("attestation: it is about another license", saying(end, "lic_another"));
}

}  // namespace
}  // namespace latchkey::e2e
