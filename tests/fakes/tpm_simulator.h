#pragma once

// A real TPM 2.0 in software (swtpm), over a socket pair: what platform/tpm/tpm_linux.h takes in
// place of the kernel's device.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <utility>

#include "platform/tpm/tpm_linux.h"
#include "platform/unique_fd_posix.h"

namespace latchkey::fakes {

using platform::UniqueFd;

inline constexpr Duration kAmplePatience = seconds(60);

/// Both ends; only the second survives an exec.
inline std::pair<UniqueFd, UniqueFd> socket_pair() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    EXPECT_EQ(::fcntl(ends[0], F_SETFD, FD_CLOEXEC), 0);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// One TPM's life between power on and off. Its identity is its state directory.
class TpmSimulator {
public:
    explicit TpmSimulator(const std::filesystem::path& state) {
        auto [ours, theirs] = socket_pair();
        fd_ = std::move(ours);
        const std::string fd = std::to_string(theirs.get());
        const std::string where = "dir=" + state.native();
        const char* const argv[] = {"swtpm",      "socket",      "--tpm2",
                                    "--tpmstate", where.c_str(), "--fd",
                                    fd.c_str(),   "--flags",     "not-need-init,startup-clear",
                                    "--log",      "level=0",     nullptr};
        const int error = ::posix_spawnp(&pid_, "swtpm", nullptr, nullptr,
                                         const_cast<char* const*>(argv), environ);
        EXPECT_EQ(error, 0) << "install swtpm";
        theirs.reset();
        if (error == 0) wait_for_first_answer();
    }
    ~TpmSimulator() {
        fd_.reset();  // it ends with its connection
        if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    }
    TpmSimulator(const TpmSimulator&) = delete;
    TpmSimulator& operator=(const TpmSimulator&) = delete;
    int fd() const { return fd_.get(); }
    /// For a prover, which closes what it opened.
    platform::TpmResult<UniqueFd> open() const { return UniqueFd(::dup(fd_.get())); }

private:
    /// A child that has not quite begun holds what its parent had open, also locks. This one has.
    void wait_for_first_answer() const {
        // TPM2_GetRandom, eight bytes; its answer is a header of ten, a size of two, and those.
        constexpr std::array<unsigned char, 12> kQuestion{0x80, 0x01, 0, 0,    0, 12,
                                                          0,    0,    1, 0x7b, 0, 8};
        std::array<unsigned char, 20> answer{};
        EXPECT_EQ(::write(fd_.get(), kQuestion.data(), kQuestion.size()),
                  static_cast<ssize_t>(kQuestion.size()));
        for (std::size_t have = 0; have < answer.size();) {
            const auto got = ::read(fd_.get(), answer.data() + have, answer.size() - have);
            if (got <= 0) {
                ADD_FAILURE() << "the TPM simulator does not answer";
                return;
            }
            have += static_cast<std::size_t>(got);
        }
    }

    UniqueFd fd_;
    pid_t pid_ = 0;
};

}  // namespace latchkey::fakes
