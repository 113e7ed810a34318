#include "service-install/apply.h"

#include <filesystem>

#include "base/path_text.h"
#include "platform/secure_file.h"
#include "service-install/perform.h"
#include "service-install/run_command.h"

namespace latchkey::service_install {

namespace fs = std::filesystem;

fs::path place(const std::string& root, const std::string& path) { return utf8_path(root + path); }

Failure file_failure(std::string_view what, const fs::path& path, const std::error_code& error) {
    return fail(Code::storage_failed,
                std::string(what) + " " + utf8_text(path) + ": " + error.message());
}

Result<Outcome> answer(const Action& action, const Finished& finished) {
    if (finished.exit_code == 0) return Outcome::done;
    std::string detail = action.command.front() + " exits " + std::to_string(finished.exit_code);
    if (!finished.output.empty()) detail += ": " + finished.output;
    while (detail.ends_with('\n')) detail.pop_back();
    return fail(Code::internal, std::move(detail));
}

Result<Outcome> run(const Action& action) {
    const auto finished = run_command(action.command);
    if (!finished) return fail(finished.error());
    return answer(action, *finished);
}

Result<Outcome> make_directory(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return Outcome::unchanged;
    fs::create_directories(path, error);
    if (error) return file_failure("cannot make", path, error);
    return Outcome::done;
}

Result<Outcome> write_file(const Action& action, const fs::path& path) {
    std::error_code error;
    if (action.keep_existing && fs::exists(path, error)) return Outcome::unchanged;
    if (const auto old = platform::read_file(path, kMaxListBytes); old && *old == action.content)
        return Outcome::unchanged;
    if (auto made = make_directory(path.parent_path()); !made) return made;
    if (auto written = platform::write_public_file(path, action.content); !written)
        return fail(std::move(written.error()));
    return Outcome::done;
}

Result<Outcome> remove_directory(const fs::path& path) {
    std::error_code error;
    const auto removed = fs::remove_all(path, error);
    if (error) return file_failure("cannot remove", path, error);
    return removed == 0 ? Outcome::unchanged : Outcome::done;
}

Result<std::vector<Record>> apply_steps(const std::vector<Step>& steps, const std::string& root) {
    std::vector<Record> records;
    bool changed = false;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Action& action = steps[i].act;
        std::error_code error;
        const bool needless =
            (action.only_if_changed && !changed) ||
            (!action.needs.empty() && !fs::exists(place(root, action.needs), error));
        auto outcome = needless ? Result<Outcome>(Outcome::not_needed) : perform(action, root);
        if (!outcome) {
            auto problem = std::move(outcome.error());
            problem.detail = "step " + std::to_string(i + 1) + " of " +
                             std::to_string(steps.size()) + " (" + action.summary +
                             "): " + problem.detail;
            if (problem.remedy.empty()) problem.remedy = "Remove the cause.";
            problem.remedy += " Then run it again; what was done is not done twice.";
            return fail(std::move(problem));
        }
        changed = changed || (*outcome == Outcome::done && action.kind != Kind::run);
        records.push_back({action, *outcome});
    }
    return records;
}

}  // namespace latchkey::service_install
