#pragma once

// The topic of survey_store.h on one connection to a database (sql_topics.h).

#include "keyserver/store/sql.h"
#include "keyserver/store/survey_store.h"

namespace latchkey::keyserver {

class SqlSurvey final : public SurveyStore {
public:
    explicit SqlSurvey(Database& db) : db_(db) {}
    Result<Listed<MachineRecord>> machines(std::string_view key, const Page& page) override;
    Result<Listed<ReceiptRecord>> receipts(const ReceiptFilter& filter, const Page& page) override;
    Result<std::optional<ReceiptRecord>> receipt(std::string_view id) override;
    Result<std::vector<std::int64_t>> counted(ServerTime since, Duration width,
                                              std::size_t slots) override;
    Result<Listed<Astray>> astray(const Page& page) override;

private:
    Database& db_;
};

}  // namespace latchkey::keyserver
