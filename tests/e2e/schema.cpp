#include "tests/e2e/schema.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <regex>

namespace latchkey::e2e {
namespace {

namespace bj = boost::json;

class Checker {
public:
    explicit Checker(const bj::object& root) : root_(root) {}

    void check(const Json& value, const bj::object& schema, const std::string& where) {
        for (const auto& [keyword, rule] : schema) {
            const auto found = keywords().find(keyword);
            if (found != keywords().end())
                (this->*found->second)(value, rule, where);
            else if (!is_comment(keyword))
                report(where, "the schema uses an unknown keyword " + std::string(keyword));
        }
    }

    std::vector<std::string> found;

private:
    using Check = void (Checker::*)(const Json&, const Json&, const std::string&);

    static const std::map<std::string, Check, std::less<>>& keywords() {
        static const std::map<std::string, Check, std::less<>> table{
            {"type", &Checker::type},
            {"required", &Checker::required},
            {"properties", &Checker::properties},
            {"items", &Checker::items},
            {"enum", &Checker::one_of},
            {"pattern", &Checker::pattern},
            {"minLength", &Checker::min_length},
            {"maxLength", &Checker::max_length},
            {"minimum", &Checker::minimum},
            {"maximum", &Checker::maximum},
            {"anyOf", &Checker::any_of},
            {"$ref", &Checker::reference}};
        return table;
    }

    static bool is_comment(std::string_view keyword) {
        return keyword == "$schema" || keyword == "title" || keyword == "description" ||
               keyword == "$defs";
    }

    void report(const std::string& where, const std::string& what) {
        found.push_back((where.empty() ? "the document" : where) + ": " + what);
    }

    static bool has_type(const Json& value, std::string_view type) {
        if (type == "object") return value.is_object();
        if (type == "array") return value.is_array();
        if (type == "string") return value.is_string();
        if (type == "boolean") return value.is_bool();
        if (type == "null") return value.is_null();
        if (type == "integer") return value.is_int64() || value.is_uint64();
        return false;
    }

    void type(const Json& value, const Json& rule, const std::string& where) {
        const bool fits =
            rule.is_string()
                ? has_type(value, rule.as_string())
                : std::any_of(rule.as_array().begin(), rule.as_array().end(),
                              [&](const Json& one) { return has_type(value, one.as_string()); });
        if (!fits) report(where, bj::serialize(value) + " is not of type " + bj::serialize(rule));
    }

    void required(const Json& value, const Json& rule, const std::string& where) {
        if (!value.is_object()) return;
        for (const auto& name : rule.as_array())
            if (!value.as_object().contains(name.as_string()))
                report(where, "'" + std::string(name.as_string()) + "' is missing");
    }

    void properties(const Json& value, const Json& rule, const std::string& where) {
        if (!value.is_object()) return;
        for (const auto& [name, schema] : rule.as_object())
            if (const auto* member = value.as_object().if_contains(name))
                check(*member, schema.as_object(), where + "." + std::string(name));
    }

    void items(const Json& value, const Json& rule, const std::string& where) {
        if (!value.is_array()) return;
        for (std::size_t i = 0; i < value.as_array().size(); ++i)
            check(value.as_array()[i], rule.as_object(), where + "[" + std::to_string(i) + "]");
    }

    void one_of(const Json& value, const Json& rule, const std::string& where) {
        const auto& allowed = rule.as_array();
        if (std::find(allowed.begin(), allowed.end(), value) == allowed.end())
            report(where, bj::serialize(value) + " is none of " + bj::serialize(rule));
    }

    void pattern(const Json& value, const Json& rule, const std::string& where) {
        if (!value.is_string()) return;
        const std::regex expression(std::string(rule.as_string()));
        if (!std::regex_search(std::string(value.as_string()), expression))
            report(where, bj::serialize(value) + " does not match " + bj::serialize(rule));
    }

    void min_length(const Json& value, const Json& rule, const std::string& where) {
        if (value.is_string() && value.as_string().size() < rule.to_number<std::size_t>())
            report(where, bj::serialize(value) + " is too short");
    }

    void max_length(const Json& value, const Json& rule, const std::string& where) {
        if (value.is_string() && value.as_string().size() > rule.to_number<std::size_t>())
            report(where, bj::serialize(value) + " is too long");
    }

    void minimum(const Json& value, const Json& rule, const std::string& where) {
        if (value.is_number() && value.to_number<std::int64_t>() < rule.to_number<std::int64_t>())
            report(where, bj::serialize(value) + " is too small");
    }

    void maximum(const Json& value, const Json& rule, const std::string& where) {
        if (value.is_number() && value.to_number<std::int64_t>() > rule.to_number<std::int64_t>())
            report(where, bj::serialize(value) + " is too large");
    }

    void any_of(const Json& value, const Json& rule, const std::string& where) {
        for (const auto& choice : rule.as_array()) {
            Checker trial(root_);
            trial.check(value, choice.as_object(), where);
            if (trial.found.empty()) return;
        }
        report(where, bj::serialize(value) + " fits none of the choices");
    }

    void reference(const Json& value, const Json& rule, const std::string& where) {
        const std::string name(rule.as_string());
        const std::string prefix = "#/$defs/";
        const auto* target =
            name.starts_with(prefix)
                ? root_.at("$defs").as_object().if_contains(name.substr(prefix.size()))
                : nullptr;
        if (target == nullptr) return report(where, "the schema refers to nowhere: " + name);
        check(value, target->as_object(), where);
    }

    const bj::object& root_;
};

}  // namespace

std::vector<std::string> breaches(const Json& document, const Json& schema) {
    Checker checker(schema.as_object());
    checker.check(document, schema.as_object(), "");
    return checker.found;
}

std::vector<std::string> contract_breaches(const Json& document, const std::string& schema_name) {
    return breaches(document, parse_json(read_file(source_file("docs/" + schema_name))));
}

}  // namespace latchkey::e2e
