#pragma once

// A real PostgreSQL for tests: a private cluster in a temporary directory, on a Unix socket in it
// and nowhere else, run by an ordinary user (PostgreSQL refuses root). fsync is off: these tests
// pull no plug.
//
// A guardian process owns it and takes it down when the test program is gone, however it went.

#include <filesystem>
#include <string>

namespace latchkey::fakes {

class PostgresCluster {
public:
    /// Started; throws where it cannot be. The first call of a program makes it.
    static PostgresCluster& shared();

    PostgresCluster();
    ~PostgresCluster();
    PostgresCluster(const PostgresCluster&) = delete;
    PostgresCluster& operator=(const PostgresCluster&) = delete;

    /// An empty database that nobody has had before: its URL.
    std::string new_database();
    std::string url(const std::string& database) const;
    /// Runs SQL as the superuser; throws where it fails. The first field of the first row.
    std::string sql(const std::string& database, const std::string& text) const;

    /// As a power cut would, or an administrator ("immediate", "fast").
    void stop(const std::string& mode);
    void start();

private:
    std::filesystem::path directory_;
    int guardian_ = 0;
    int leash_ = -1;  ///< the guardian reads its other end: closed, all ends
    int databases_ = 0;
};

}  // namespace latchkey::fakes
