#include "agent/daemon/handlers.h"

#include <gtest/gtest.h>

#include "agent/daemon/health.h"
#include "agent/daemon/log.h"
#include "agent/daemon/metrics.h"

namespace latchkey::daemon {
namespace {

std::string read(const std::string& path) {
    localapi::Request request;
    request.method = "GET";
    request.path = path;
    const auto route = route_of(request);
    return route ? route->product + ":" + route->verb : "(none)";
}

TEST(Route, names_product_and_verb) {
    EXPECT_EQ(read("/v1/status"), ":status");
    EXPECT_EQ(read("/v1/products/suite/license"), "suite:license");
    EXPECT_EQ(read("/v1/products/suite/license/more"), "suite:license/more");
}

TEST(Route, is_none_for_anything_else) {
    for (const std::string path : {"/", "/v2/status", "", "/v1/products/suite", "/v1/products//x"})
        EXPECT_EQ(read(path), "(none)") << path;
    EXPECT_EQ(read("/v1/products/" + std::string(65, 'a') + "/license"), "(none)");
}

TEST(SupportCode, can_be_read_by_phone) {
    const auto code = support_code("mid_x");
    EXPECT_EQ(code.size(), 8u);
    EXPECT_EQ(code.find_first_of("ILOU"), std::string::npos);
    EXPECT_NE(code, support_code("mid_y"));
}

TEST(Log, text_of_others_stays_on_one_line) {
    EXPECT_EQ(printable("a\nb\x1b[31m"), "a?b?[31m");
    EXPECT_LT(printable(std::string(10000, 'x')).size(), 600u);
}

TEST(Metrics, is_openmetrics_text_with_one_line_a_product) {
    localapi::StatusView view;
    localapi::ProductView product;
    product.state.product = "su\"ite";
    product.state.status = core::ProductStatus::initial_grace;
    product.state.grace = core::Grace{};
    product.state.grace->ends_at = ServerTime{hours{1}};
    view.products.push_back(product);
    const auto text = metrics_text(view);
    EXPECT_NE(text.find("latchkey_grace_remaining_seconds{product=\"su\\\"ite\"} 3600\n"),
              std::string::npos)
        << text;
    EXPECT_TRUE(text.ends_with("# EOF\n"));
}

TEST(Metrics, tell_what_is_the_matter_with_the_agent_itself) {
    localapi::StatusView view;
    EXPECT_NE(metrics_text(view).find("\nlatchkey_agent_severity 0\n"), std::string::npos);
    EXPECT_EQ(metrics_text(view).find("latchkey_agent_problems{"), std::string::npos);
    using localapi::Severity;
    view.health = {{"config_invalid", Severity::warning, "one", "", {}},
                   {"config_invalid", Severity::warning, "another", "", {}},
                   {"storage_failed", Severity::critical, "full", "", {}},
                   {"ephemeral_machine", Severity::info, "a container", "", {}}};
    const auto text = metrics_text(view);
    EXPECT_NE(text.find("\nlatchkey_agent_severity 2\n"), std::string::npos) << text;
    EXPECT_NE(text.find("\nlatchkey_agent_problems{code=\"config_invalid\"} 2\n"
                        "latchkey_agent_problems{code=\"storage_failed\"} 1\n"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("ephemeral"), std::string::npos) << "news are no problem";
}

}  // namespace
}  // namespace latchkey::daemon
