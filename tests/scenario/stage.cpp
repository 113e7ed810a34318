#include "tests/scenario/stage.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "agent/daemon/handlers.h"
#include "hwid/devices.h"
#include "licensing/tpm_credential.h"
#include "platform/secure_file.h"
#include "tests/fakes/copy_folder.h"

namespace latchkey::scenario {
namespace {

namespace asio = boost::asio;
namespace bj = boost::json;
namespace fs = std::filesystem;

/// Longest stride of pass(): the agent is woken at least so often; its own timer runs no longer
/// than an hour.
constexpr Duration kStride = day;

/// In memory where the system has such a place: a story commits months of states, and waiting for a
/// disk tells nothing here (agent/store's own tests do that).
fs::path temporary_place() {
    std::error_code ignored;
    const fs::path memory = "/dev/shm";
    return fs::is_directory(memory, ignored) ? memory : fs::path(testing::TempDir());
}

fs::path new_folder() {
    auto folder = temporary_place() / licensing::random_id("latchkey_story_");
    fs::create_directories(folder / "products.d");
    return folder;
}

}  // namespace

std::string Said::code() const {
    const auto* object = body.if_object();
    const auto* error = object ? object->if_contains("error") : nullptr;
    return error ? std::string(error->at("code").as_string()) : bj::serialize(body);
}

std::string Said::detail() const { return std::string(body.at("error").at("detail").as_string()); }

Stage::Stage() : folder_(new_folder()), vendor_(std::make_shared<Vendor>(folder_ / "vendor")) {
    client_ =
        net::make_key_server_client(vendor_->network(), [this] { return clock.since_boot(); });
    become("desktop");
    configure("");
}

Stage::Stage(Stage& first, Disk disk)
    : clock(first.clock),
      folder_(new_folder()),
      vendor_(first.vendor_),
      captures_(first.captures_) {
    client_ =
        net::make_key_server_client(vendor_->network(), [this] { return clock.since_boot(); });
    const auto copy = [&](const char* what) {
        if (fs::exists(first.folder_ / what))
            fakes::copy_folder(first.folder_ / what, folder_ / what);
    };
    copy("products.d");
    if (disk == Disk::copied) {
        first.stop();
        copy("state");
        copy("anchor");
        first.start();
    }
    configure("");
}

Stage::~Stage() {
    stop();
    vendor_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void Stage::become(const std::string& machine) {
    captures_.next.snapshot = fakes::machine(machine);
    if (agent_) quiet();
}

void Stage::hide(std::vector<std::string> sources) { captures_.next.unread = std::move(sources); }

void Stage::fit(std::shared_ptr<platform::TpmProver> tpm, const Bytes& shown_key) {
    tpm_ = std::move(tpm);
    auto& components = captures_.next.snapshot.components;
    std::erase_if(components, [](const auto& one) { return one.kind == hwid::Kind::tpm_ek; });
    components.push_back(
        hwid::parse_tpm({{hwid::Access::read, shown_key, {}}}, licensing::endorsement_key_digest())
            .front());
    restart();
}

void Stage::fit(std::shared_ptr<platform::TpmCounter> counter) {
    counter_ = std::move(counter);
    restart();
}

void Stage::time_the_tpm_by(daemon::TpmProofs::Worker::Wait wait) {
    tpm_wait_ = std::move(wait);
    restart();
}

void Stage::swap_hardware(const std::string& machine) {
    captures_.next.snapshot = fakes::machine(machine);
}

void Stage::configure(const std::string& toml) {
    std::ofstream(folder_ / "agent.toml")
        << toml << "\n[paths]\nstate = \"" << (folder_ / "state").string() << "\"\nanchor = \""
        << (folder_ / "anchor").string() << "\"\nproducts = \"" << (folder_ / "products.d").string()
        << "\"\nsocket = \"" << (folder_ / "agent.sock").string() << "\"\n";
    restart();
}

void Stage::install(const std::string& product) {
    vendor_->export_manifest(product, folder_ / "products.d" / (product + ".jws"));
    post("/v1/reload");
    quiet();
}

void Stage::start() {
    auto config = daemon::load_config(folder_ / "agent.toml");
    const auto now = clock.now();
    auto store =
        store::open_store({folder_ / "state", folder_ / "anchor", folder_ / "state" / "inbox"},
                          now.boot_id, now.wall);
    if (!config || !store) {
        ADD_FAILURE() << (config ? store.error().detail : config.error().detail);
        std::abort();
    }
    store->store =
        std::make_unique<FullDisk>(std::move(store->store), disk_full, calls_until_failure);
    agent_ = std::make_unique<daemon::Agent>(daemon::AgentParts{
        io_.get_executor(), clock, captures_, *client_, [this] { return random_++; },
        std::move(*config), folder_ / "agent.toml", std::move(*store), tpm_, counter_, tpm_wait_});
    const auto started = agent_->start();
    if (!started) ADD_FAILURE() << started.error().detail;
    quiet();
}

void Stage::stop() { agent_.reset(); }

void Stage::boot_as(const std::string& machine, const std::function<void(const fs::path&)>& work) {
    stop();
    captures_.next.snapshot = fakes::machine(machine);
    if (work) work(folder_);
    clock.reboot();
    vendor_->clock += minute;
    start();
}

void Stage::restart() {
    stop();
    start();
}

void Stage::while_off(const std::function<void(store::Store&)>& work) {
    stop();
    {
        const auto opened = store::open_store({folder_ / "state", folder_ / "anchor"});
        work(*opened->store);
    }
    start();
}

void Stage::with_disk(const std::function<void(const fs::path&)>& work) {
    stop();
    work(folder_);
    start();
}

void Stage::reboot(Duration off) {
    stop();
    clock.reboot(off);
    vendor_->clock += off + minute;
    start();
}

void Stage::reimage() {
    stop();
    fs::remove_all(folder_ / "state");
    fs::remove_all(folder_ / "anchor");
    clock.reboot();
    vendor_->clock += minute;
    start();
}

void Stage::back_up() {
    stop();
    for (const char* what : {"state", "anchor"}) {
        fs::remove_all(folder_ / "backup" / what);
        fs::create_directories(folder_ / "backup");
        fakes::copy_folder(folder_ / what, folder_ / "backup" / what);
    }
    start();
}

void Stage::restore() {
    stop();
    for (const char* what : {"state", "anchor"}) {
        fs::remove_all(folder_ / what);
        fakes::copy_folder(folder_ / "backup" / what, folder_ / what);
    }
    clock.reboot();
    vendor_->clock += minute;
    start();
}

void Stage::put_back_state(const fs::path& copy) {
    stop();
    fs::remove_all(folder_ / "state");
    fakes::copy_folder(copy, folder_ / "state");
    start();
}

void Stage::pass(Duration time, Stage* beside) {
    while (time > Duration{0}) {
        const Duration stride = std::min(time, kStride);
        clock += stride;
        vendor_->clock += stride;
        time -= stride;
        agent_->wake();
        quiet();
        if (!beside) continue;
        beside->clock += stride;
        beside->agent_->wake();
        beside->quiet();
    }
}

void Stage::let_be(Duration time) {
    while (time > Duration{0}) {
        const Duration stride = std::min(time, Duration{hour});
        clock += stride;
        vendor_->clock += stride;
        time -= stride;
        agent_->wake();
        finish_work();
    }
}

void Stage::change_network() {
    agent_->network_changed();
    finish_work();
}

/// The worker takes its work in order: when this look is back, every earlier one has been judged.
void Stage::finish_work() {
    constexpr int kRounds = 3;  // a look may lead to a request, and that to another look
    for (int round = 0; round < kRounds; ++round) {
        bool done = false;
        ++own_looks_;
        asio::co_spawn(io_, agent_->desk().machine.look(clock.wall()),
                       [&done](const std::exception_ptr&) { done = true; });
        io_.restart();
        while (!done) io_.run_one();
        io_.poll();
    }
}

void Stage::quiet() {
    // The worker takes its work in order, so when this has come back, everything before it has.
    for (int round = 0; round < 2; ++round) {
        bool done = false;
        asio::co_spawn(io_, agent_->settle_in(), [&done](const std::exception_ptr& escaped) {
            if (escaped) std::rethrow_exception(escaped);
            done = true;
        });
        io_.restart();
        while (!done) io_.run_one();
        io_.poll();
        while (agent_->asks_tpm()) io_.run_one();
        io_.poll();
    }
}

Said Stage::ask(localapi::Request request) {
    std::optional<localapi::Response> response;
    const auto handler = daemon::make_handler(*agent_);
    asio::co_spawn(io_, handler(std::move(request)),
                   [&response](const std::exception_ptr& escaped, localapi::Response answer) {
                       if (escaped) std::rethrow_exception(escaped);
                       response = std::move(answer);
                   });
    io_.restart();
    while (!response) io_.run_one();
    return {response->status, bj::parse(response->body)};
}

Said Stage::get(const std::string& path) {
    localapi::Request request;
    request.method = "GET";
    request.path = path;
    return ask(std::move(request));
}

Said Stage::post(const std::string& path, const bj::value& body, bool administrator) {
    localapi::Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    request.peer.administrator = administrator;
    return ask(std::move(request));
}

Said Stage::history(const std::string& product) {
    localapi::Request request;
    request.method = "GET";
    request.path = "/v1/history";
    request.query.emplace_back("product", product);
    return ask(std::move(request));
}

Said Stage::explain(const std::string& product, const std::string& key) {
    return post("/v1/products/" + product + "/explain",
                key.empty() ? bj::value(nullptr) : bj::value{{"key", key}});
}

Said Stage::activate(const std::string& product, const std::string& key, bool accept_count) {
    bj::object body{{"accept_count", accept_count}};
    if (!key.empty()) body["key"] = key;
    return post("/v1/products/" + product + "/activate", body);
}

bj::value Stage::product(const std::string& product) {
    const auto status = get("/v1/status");
    for (const auto& one : status.at("products").as_array())
        if (one.at("id").as_string() == product) return one;
    return nullptr;
}

std::string Stage::state(const std::string& name) {
    return std::string(product(name).at("state").as_string());
}

std::int64_t Stage::used(const std::string& name) {
    return product(name).at("activations").at("used").as_int64();
}

std::string machine_id(Stage& stage) {
    return std::string(stage.get("/v1/status").at("machine").at("id").as_string());
}

std::string health_text(Stage& stage, std::string_view id) {
    const auto status = stage.get("/v1/status");
    for (const auto& item : status.at("agent").at("health").as_array())
        if (item.at("id").as_string() == id) return std::string(item.at("text").as_string());
    return {};
}

std::int64_t days_left(Stage& stage, const std::string& product) {
    return stage.product(product).at("grace").at("remaining_s").as_int64() / 86400;
}

std::int64_t rearms_left(Stage& stage, const std::string& product) {
    return stage.product(product).at("grace").at("rearms_left").as_int64();
}

}  // namespace latchkey::scenario
