// Whether anything can be stored now.

#include "keyserver/store/sql_topics.h"

namespace latchkey::keyserver {

Result<void> SqlProbe::write(ServerTime at) {
    auto written = db_.query(
                          "INSERT INTO meta (name, value) VALUES ('probed_at', ?) ON CONFLICT "
                          "(name) DO UPDATE SET value = excluded.value")
                       .bind(format_rfc3339(at))
                       .run();
    if (!written) return fail(written.error());
    return {};
}

}  // namespace latchkey::keyserver
