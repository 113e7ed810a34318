#include "tests/fakes/postgres_cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <vector>

namespace latchkey::fakes {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "latchkey";

/// Where Debian keeps the programs; the newest version that is there.
fs::path programs() {
    for (int version = 20; version >= 13; --version) {
        const fs::path folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
        if (fs::exists(folder / "initdb")) return folder;
    }
    throw std::runtime_error("PostgreSQL is not installed (Debian: postgresql)");
}

/// Who runs it where we are root.
const passwd* ordinary_user() {
    if (::geteuid() != 0) return nullptr;
    if (const passwd* user = ::getpwnam("postgres")) return user;
    if (const passwd* user = ::getpwnam("nobody")) return user;
    throw std::runtime_error("there is no ordinary user to run PostgreSQL as");
}

/// In the child: another user, no input, all output to `log`.
[[noreturn]] void become(const passwd* user, const fs::path& log, std::vector<std::string> words) {
    if (user && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                 ::setuid(user->pw_uid) != 0))
        ::_exit(126);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    if (::chdir("/") != 0) ::_exit(126);
    ::unsetenv("NOTIFY_SOCKET");
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

bool run(const fs::path& log, std::vector<std::string> words) {
    const passwd* user = ordinary_user();
    const pid_t child = ::fork();
    if (child == 0) become(user, log, std::move(words));
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool control(const fs::path& directory, const std::string& verb, const std::string& mode = {}) {
    std::vector<std::string> words{(programs() / "pg_ctl").string(),
                                   "-D",
                                   (directory / "data").string(),
                                   "-l",
                                   (directory / "log").string(),
                                   "-w",
                                   "-s",
                                   verb};
    if (!mode.empty()) words.insert(words.end(), {"-m", mode});
    return run(directory / "tools", std::move(words));
}

bool make(const fs::path& directory) {
    if (!run(directory / "tools",
             {(programs() / "initdb").string(), "-D", (directory / "data").string(), "-U", kUser,
              "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"}))
        return false;
    const std::string settings =
        "listen_addresses = ''\nunix_socket_directories = '" + directory.string() +
        "'\nfsync = off\nfull_page_writes = off\nshared_buffers = 16MB\nmax_connections = 100\n"
        "autovacuum = off\ndeadlock_timeout = 50ms\n";
    const int file =
        ::open((directory / "data/postgresql.conf").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    const auto written = ::write(file, settings.data(), settings.size());
    ::close(file);
    return written == static_cast<ssize_t>(settings.size()) && control(directory, "start");
}

/// Makes the cluster, says so on `ready`, waits for the other end of `leash` to close.
[[noreturn]] void guard(const fs::path& directory, int leash, int ready) {
    ::setsid();
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_IGN);
    const char answer = make(directory) ? 'y' : 'n';
    if (::write(ready, &answer, 1) != 1) ::_exit(1);
    ::close(ready);
    char nothing = 0;
    while (::read(leash, &nothing, 1) < 0 && errno == EINTR) {
    }
    control(directory, "stop", "immediate");
    std::error_code ignored;
    fs::remove_all(directory, ignored);
    ::_exit(0);
}

struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
};

}  // namespace

PostgresCluster& PostgresCluster::shared() {
    static PostgresCluster cluster;
    return cluster;
}

PostgresCluster::PostgresCluster() {
    // Not under TMPDIR: the path of a socket is short.
    std::string pattern = "/tmp/latchkey-pg-XXXXXX";
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary directory");
    directory_ = pattern;
    if (const passwd* user = ordinary_user())
        if (::chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("chown");
    int leash[2];
    int ready[2];
    if (::pipe2(leash, O_CLOEXEC) != 0 || ::pipe2(ready, O_CLOEXEC) != 0)
        throw std::runtime_error("pipe");
    guardian_ = ::fork();
    if (guardian_ == 0) {
        ::close(leash[1]);
        ::close(ready[0]);
        guard(directory_, leash[0], ready[1]);
    }
    ::close(leash[0]);
    ::close(ready[1]);
    leash_ = leash[1];
    char answer = 'n';
    while (::read(ready[0], &answer, 1) < 0 && errno == EINTR) {
    }
    ::close(ready[0]);
    if (answer != 'y')
        throw std::runtime_error("the PostgreSQL cluster does not start; see " +
                                 directory_.string());
}

PostgresCluster::~PostgresCluster() {
    ::close(leash_);
    int status = 0;
    ::waitpid(guardian_, &status, 0);
}

std::string PostgresCluster::url(const std::string& database) const {
    return std::string("postgresql://") + kUser + "@/" + database + "?host=" + directory_.string();
}

std::string PostgresCluster::new_database() {
    const std::string name = "t" + std::to_string(::getpid()) + "_" + std::to_string(++databases_);
    sql("postgres", "CREATE DATABASE " + name);
    return url(name);
}

std::string PostgresCluster::sql(const std::string& database, const std::string& text) const {
    const auto place = database.find("://") == std::string::npos ? url(database) : database;
    const std::unique_ptr<PGconn, Close> connection(PQconnectdb(place.c_str()));
    const std::unique_ptr<PGresult, Close> result(PQexec(connection.get(), text.c_str()));
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        throw std::runtime_error(text + ": " + PQerrorMessage(connection.get()));
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

void PostgresCluster::stop(const std::string& mode) {
    if (!control(directory_, "stop", mode)) throw std::runtime_error("pg_ctl stop");
}

void PostgresCluster::start() {
    if (!control(directory_, "start")) throw std::runtime_error("pg_ctl start");
}

}  // namespace latchkey::fakes
