#include "service-install/launchd_answers.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::service_install {
namespace {

// As macOS 13 prints a service, shortened.
const std::string kService = R"(system/org.latchkey.agent = {
	active count = 1
	path = /Library/LaunchDaemons/org.latchkey.agent.plist
	type = LaunchDaemon
	state = running

	program = /usr/local/bin/latchkeyd
	arguments = {
		/usr/local/bin/latchkeyd
		run
		--config
		/Library/Application Support/Latchkey/agent.toml
	}

	default environment = {
		PATH => /usr/bin:/bin:/usr/sbin:/sbin
	}

	domain = system
	minimum runtime = 10
	exit timeout = 5
	runs = 1
	pid = 412
	immediate reason = speculative
	forks = 0
	execs = 1
	initialized = 1
	trampolined = 1
	started suspended = 0
	proxy started suspended = 0
	last exit code = (never exited)

	spawn type = daemon (3)
	jetsam priority = 40
	jetsam memory limit (active) = (unlimited)
	jetsam thread limit = 32
	cpumon = default
	job state = running

	properties = keepalive | runatload | inferred program | system service
}
)";

// The older word and the newer one.
const std::string kDisabled = R"(
	disabled services = {
		"com.apple.ftpd" => true
		"org.example.org.latchkey.agent" => disabled
		"org.latchkey.agent" => disabled
		"org.example.other" => enabled
	}
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

TEST(LaunchdAnswers, a_service_runs_where_its_own_state_says_so) {
    EXPECT_TRUE(says_running(kService));
    EXPECT_FALSE(says_running(replaced(kService, "\tstate = running", "\tstate = not running")));
    EXPECT_FALSE(
        says_running(replaced(kService, "\tstate = running", "\tstate = spawn scheduled")));
}

TEST(LaunchdAnswers, what_runs_below_a_service_is_not_the_service) {
    const auto below = replaced(replaced(kService, "\tstate = running", "\tstate = exited"),
                                "\tdomain = system", "\tinstances = {\n\t\tstate = running\n\t}");
    EXPECT_FALSE(says_running(below));
}

TEST(LaunchdAnswers, nothing_printed_is_nothing_that_runs) {
    EXPECT_FALSE(says_running(""));
    EXPECT_FALSE(
        says_running("Could not find service \"org.latchkey.agent\" in domain for system\n"));
}

TEST(LaunchdAnswers, a_service_is_disabled_by_either_word) {
    EXPECT_TRUE(says_disabled(kDisabled, "org.latchkey.agent"));
    EXPECT_TRUE(says_disabled(kDisabled, "com.apple.ftpd"));
    EXPECT_FALSE(says_disabled(kDisabled, "org.example.other"));
    EXPECT_FALSE(says_disabled(replaced(kDisabled, "\"org.latchkey.agent\" => disabled",
                                        "\"org.latchkey.agent\" => false"),
                               "org.latchkey.agent"));
}

TEST(LaunchdAnswers, a_service_that_is_not_listed_was_not_disabled) {
    EXPECT_FALSE(says_disabled(kDisabled, "latchkey.agent"));
    EXPECT_FALSE(says_disabled("", "org.latchkey.agent"));
}

}  // namespace
}  // namespace latchkey::service_install
