#include "tests/simulator/image_guard.h"

#include "tests/simulator/story.h"

namespace latchkey::simulator {
namespace {

/// A look is taken at each deadline, the machine's minute of booting included.
constexpr Duration kSlack = hours{2};

std::string wrong_with(const Newborn::Product& product, const Newborn& newborn) {
    const auto& state = product.state;
    if (state.status == core::ProductStatus::not_required) return {};
    if (state.license || !state.product_key.empty()) return "has the license of the image";
    // The reference machine's own hardware may have used some; then the key server said so.
    if (state.rearms_used != 0 && !state.ledger.told) return "has the rearms of the image";
    if (state.suspected_clone) return "is taken for a clone";
    if (!newborn.owed_all) return {};
    if (state.status != core::ProductStatus::initial_grace || !state.grace)
        return "begins in " + std::string(core::name(state.status));
    const Duration left = state.grace->ends_at - newborn.now;
    if (left + newborn.age + kSlack >= product.initial_grace) return {};
    return "begins with " + words_for(left) + " of grace, and " + words_for(product.initial_grace) +
           " are granted";
}

}  // namespace

std::vector<Breach> ImageGuard::see(const Image& image) {
    std::vector<Breach> breaches;
    if (!image.machine_id.empty()) breaches.push_back({"image", "it has a machine id"});
    if (image.products != 0) breaches.push_back({"image", "something was started on it"});
    if (!image.clean) breaches.push_back({"image", "something of its machine remains"});
    return breaches;
}

std::vector<Breach> ImageGuard::see(const Newborn& newborn) {
    std::vector<Breach> breaches;
    if (newborn.machine_id.empty())
        breaches.push_back({"image", "a machine made from it has no machine id"});
    else if (!ids_.insert(newborn.machine_id).second)
        breaches.push_back({"image", "a machine made from it has another one's machine id"});
    if (newborn.foreign)
        breaches.push_back({"image", "a machine made from it finds another machine's state"});
    if (newborn.products.empty())
        breaches.push_back({"image", "nothing starts on a machine made from it"});
    for (const auto& product : newborn.products)
        if (const auto wrong = wrong_with(product, newborn); !wrong.empty())
            breaches.push_back({"image", product.state.product + " " + wrong});
    return breaches;
}

}  // namespace latchkey::simulator
