#include "platform/settings/policy_values_mac.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace latchkey::platform {
namespace {

Failure refuse(const std::string& why) { return fail(Code::config_invalid, why); }

/// PayloadUUID and its like describe the profile, and macOS leaves some of them in;
/// _manualProfile it puts there itself where a person installed the profile.
bool is_the_payloads_own(const std::vector<std::string>& path) {
    return path.size() == 1 &&
           (path.front().starts_with("Payload") || path.front() == "_manualProfile");
}

class Walk {
public:
    Walk(const CoreFoundation& cf, std::string place) : cf_(cf), place_(std::move(place)) {}

    std::vector<PolicyValue> found;

    Result<void> below(CfType dictionary, const std::vector<std::string>& path) {
        const auto count = static_cast<std::size_t>(cf_.dictionary_count(dictionary));
        if (found.size() + count > kMaxPolicyValues || path.size() >= kMaxPolicyDepth)
            return refuse(place_ + ": too many values, or nested too deep");
        std::vector<CfType> keys(count);
        std::vector<CfType> values(count);
        cf_.dictionary_all(dictionary, keys.data(), values.data());
        for (std::size_t i = 0; i < count; ++i) {
            auto inner = path;
            inner.push_back(cf_text(cf_, keys[i]));
            if (is_the_payloads_own(inner)) continue;
            if (cf_.type_of(values[i]) == cf_.dictionary_type()) {
                if (auto walked = below(values[i], inner); !walked) return walked;
                continue;
            }
            std::string origin = place_ + " : " + inner.front();
            for (std::size_t step = 1; step < inner.size(); ++step) origin += "." + inner[step];
            found.push_back({std::move(inner), data(values[i]), std::move(origin)});
        }
        return {};
    }

private:
    PolicyData data(CfType value) const {
        const CfTypeId type = cf_.type_of(value);
        if (type == cf_.string_type()) return text(value);
        if (type == cf_.boolean_type()) return std::uint32_t{cf_.boolean_value(value) ? 1u : 0u};
        if (type == cf_.number_type()) return number(value);
        if (type == cf_.array_type()) return list(value);
        if (type == cf_.data_type())
            return OtherData{"<data>, " + std::to_string(cf_.data_length(value)) + " bytes"};
        return OtherData{"<date>"};
    }

    PolicyData text(CfType value) const {
        std::string text = cf_text(cf_, value);
        if (text.size() > kMaxPolicyBytes)
            return OtherData{"<string>, " + std::to_string(text.size()) +
                             " bytes, which is too large"};
        if (text.empty() && cf_.string_length(value) != 0)
            return OtherData{"<string>, which is no text"};
        return text;
    }

    PolicyData number(CfType value) const {
        std::int64_t number = 0;
        if (cf_.number_is_float(value)) return OtherData{"<real>"};
        if (!cf_.number_value(value, kCfSInt64, &number) || number < 0 ||
            number > std::numeric_limits<std::uint32_t>::max())
            return OtherData{"<integer>, negative or too large"};
        return static_cast<std::uint32_t>(number);
    }

    PolicyData list(CfType value) const {
        std::vector<std::string> entries;
        for (CfIndex i = 0; i < cf_.array_count(value); ++i) {
            const CfType entry = cf_.array_at(value, i);
            if (cf_.type_of(entry) != cf_.string_type())
                return OtherData{"<array> of other things than strings"};
            entries.push_back(cf_text(cf_, entry));
        }
        return entries;
    }

    const CoreFoundation& cf_;
    const std::string place_;
};

bool comes_before(const PolicyValue& a, const PolicyValue& b) { return a.path < b.path; }

}  // namespace

Result<std::vector<PolicyValue>> policy_values(const CoreFoundation& cf, CfType list,
                                               const std::string& place) {
    if (list == nullptr || cf.type_of(list) != cf.dictionary_type())
        return refuse(place + " is no property list with a dictionary in it");
    Walk walk(cf, place);
    if (auto read = walk.below(list, {}); !read) return fail(std::move(read.error()));
    std::sort(walk.found.begin(), walk.found.end(), comes_before);  // a dictionary has no order
    return std::move(walk.found);
}

}  // namespace latchkey::platform
