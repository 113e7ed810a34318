#include "keyserver/store/sql.h"

#include <utility>

namespace latchkey::keyserver {

Query::Query(Result<Statement*> statement) {
    if (statement)
        statement_ = *statement;
    else
        problem_ = std::move(statement.error());
}

Query::Query(Query&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      problem_(std::move(other.problem_)),
      next_(other.next_) {}

Query::~Query() {
    if (statement_) statement_->reset();
}

void Query::put(const Value& value) {
    if (problem_) return;
    if (auto bound = statement_->bind(next_++, value); !bound) problem_ = std::move(bound.error());
}

void Query::put(const std::optional<ServerTime>& value) {
    if (value) return put(*value);
    put(Value{});
}

Result<bool> Query::step() {
    if (problem_) return fail(*problem_);
    auto stepped = statement_->step();
    if (!stepped) problem_ = stepped.error();
    return stepped;
}

Result<std::int64_t> Query::run() {
    const auto stepped = step();
    if (!stepped) return fail(stepped.error());
    return statement_->changes();
}

std::string Query::text(int column) const {
    const Value value = statement_->column(column);
    const auto* text = std::get_if<std::string_view>(&value);
    return text ? std::string(*text) : std::string();
}

std::int64_t Query::integer(int column) const {
    const Value value = statement_->column(column);
    const auto* number = std::get_if<std::int64_t>(&value);
    return number ? *number : 0;
}

std::optional<ServerTime> Query::optional_time(int column) const {
    const Value value = statement_->column(column);
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number) return std::nullopt;
    return ServerTime{Duration{*number}};
}

Blob Query::blob(int column) const {
    const Value value = statement_->column(column);
    const auto* bytes = std::get_if<Blob>(&value);
    return bytes ? *bytes : Blob{};
}

Result<std::int64_t> Database::read_number(const char* sql) {
    Query query = this->query(sql);
    const auto row = query.step();
    if (!row) return fail(row.error());
    return *row ? query.integer(0) : 0;
}

Result<void> Database::lock(const char* sql, const Value& value) {
    if (!locks_) return {};
    Query query = this->query(sql);
    const auto taken = query.bind(value).step();
    if (!taken) return fail(taken.error());
    return {};
}

}  // namespace latchkey::keyserver
