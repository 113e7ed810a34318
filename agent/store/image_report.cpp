#include "agent/store/image_report.h"

#include <limits>

#include "agent/store/rows.h"
#include "base/encoding.h"
#include "licensing/crypto.h"
#include "platform/secure_file.h"

namespace latchkey::store {
namespace {

using json::ObjectReader;

constexpr std::size_t kMaxName = 128;
constexpr std::size_t kMaxText = 64 * 1024;
constexpr std::size_t kMaxItems = 4096;
const std::string kSchema = "latchkey.generalized/1";

std::string digest_of(const bj::value& report) {
    return hex(licensing::sha256(json::to_text(report)));
}

std::vector<Belonging> read_belongings(ObjectReader& in, std::string_view name) {
    std::vector<Belonging> list;
    const auto* array = in.array(name, kMaxItems);
    if (array == nullptr) return list;
    for (const auto& element : *array) {
        ObjectReader item(element, std::string(name));
        Belonging one;
        one.what = item.string("what", kMaxName);
        one.count = item.integer("count", 0, std::numeric_limits<std::int64_t>::max());
        one.detail = item.string("detail", kMaxText);
        if (auto bad = finish(item)) in.refuse(name, bad->detail);
        list.push_back(std::move(one));
    }
    return list;
}

Result<ImageReport> report_from_json(const bj::value& value) {
    ObjectReader in(value, "report");
    ImageReport report;
    if (in.string("schema", kMaxName) != kSchema) in.refuse("schema", "is another");
    report.done = in.boolean("done");
    const auto at = parse_server_time(in.string("at", kMaxName));
    if (!at) in.refuse("at", "is no time");
    if (at) report.at = *at;
    report.agent_version = in.string("agent_version", kMaxName);
    report.boot_id = in.string("boot_id", kMaxName);
    report.removed = read_belongings(in, "removed");
    report.kept = read_belongings(in, "kept");
    if (const auto* warnings = in.array("warnings", kMaxItems))
        for (const auto& warning : *warnings)
            if (warning.is_string()) report.warnings.emplace_back(warning.get_string().c_str());
    if (auto bad = finish(in)) return fail(*bad);
    return report;
}

}  // namespace

bj::array to_json(const std::vector<Belonging>& belongings) {
    bj::array list;
    for (const auto& one : belongings)
        list.push_back(bj::object{
            {"what", one.what}, {"count", one.count}, {"detail", printable(one.detail, kMaxText)}});
    return list;
}

bj::value to_json(const ImageReport& report) {
    bj::array warnings;
    for (const auto& warning : report.warnings) warnings.emplace_back(printable(warning, kMaxText));
    return bj::object{{"schema", kSchema},
                      {"done", report.done},
                      {"at", format_rfc3339(report.at)},
                      {"agent_version", report.agent_version},
                      {"boot_id", report.boot_id},
                      {"removed", to_json(report.removed)},
                      {"kept", to_json(report.kept)},
                      {"warnings", std::move(warnings)}};
}

std::string to_file(const ImageReport& report) {
    const auto body = to_json(report);
    return json::to_text(bj::object{{"report", body}, {"sha256", digest_of(body)}}) + "\n";
}

Result<ImageReport> image_report_from_file(std::string_view text) {
    const auto value = json::parse_strict(text, {.max_bytes = kMaxRowBytes});
    if (!value) return fail(Code::state_corrupt, value.error().detail);
    ObjectReader in(*value, "image report");
    const auto* report = in.object("report");
    const auto digest = in.string("sha256", kMaxName);
    if (auto bad = finish(in)) return fail(*bad);
    if (digest_of(*report) != digest)
        return fail(Code::state_corrupt,
                    kImageReportName + " was changed: its digest does not fit");
    return report_from_json(*report);
}

Result<std::optional<ImageReport>> read_image_report(const std::filesystem::path& state_dir) {
    const auto text = platform::read_private_file(state_dir / kImageReportName, kMaxRowBytes,
                                                  platform::Privacy::trusted);
    if (!text && text.error().code == Code::record_unknown) return std::nullopt;
    if (!text) return fail(text.error());
    auto report = image_report_from_file(*text);
    if (!report) return fail(report.error());
    return std::optional(std::move(*report));
}

Result<void> write_image_report(const std::filesystem::path& state_dir, const ImageReport& report) {
    return platform::write_private_file(state_dir / kImageReportName, to_file(report));
}

}  // namespace latchkey::store
