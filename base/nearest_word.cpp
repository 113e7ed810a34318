#include "base/nearest_word.h"

#include <algorithm>
#include <vector>

namespace latchkey {
namespace {

constexpr std::size_t kLongestTyped = 32;

/// Letters to change, add, leave out or swap with their neighbour.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::vector<std::size_t>> cost(from.size() + 1,
                                               std::vector<std::size_t>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); ++i)
        for (std::size_t j = 0; j <= to.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
            cost[i][j] =
                std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[from.size()][to.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view typed, std::span<const std::string_view> words) {
    if (typed.size() > kLongestTyped) return {};
    std::string_view nearest;
    std::size_t least = std::max<std::size_t>(1, typed.size() / 3) + 1;
    for (const auto word : words) {
        const std::size_t far = distance(typed, word);
        if (far >= least) continue;
        least = far;
        nearest = word;
    }
    return nearest;
}

std::string no_such_verb(std::string_view typed, std::span<const std::string_view> verbs) {
    std::string text = "there is no verb '" + std::string(typed) + "'";
    if (const auto meant = nearest_word(typed, verbs); !meant.empty())
        text += "; did you mean '" + std::string(meant) + "'?";
    return text;
}

}  // namespace latchkey
