#include "codegen/jit/moves.hpp"

#include <algorithm>

namespace sinter::inline v1::detail::codegen::jit {

std::vector<register_move> one_by_one(std::vector<register_move> at_once, int spare) {
    std::vector<register_move> order;
    at_once.erase(std::remove_if(at_once.begin(), at_once.end(), [](const register_move& m) { return m.from == m.to; }), at_once.end());
    const auto is_read = [&](int r) { return std::any_of(at_once.begin(), at_once.end(), [&](const register_move& m) { return m.from == r; }); };
    while (!at_once.empty()) {
        const auto next = std::find_if(at_once.begin(), at_once.end(), [&](const register_move& m) { return !is_read(m.to); });
        if (next != at_once.end()) {
            order.push_back(*next);
            at_once.erase(next);
            continue;
        }
        // Only rings are left. The rest of this one follows before another is begun, so one spare place is enough.
        order.push_back({at_once.front().from, spare});
        at_once.front().from = spare;
    }
    return order;
}

}  // namespace sinter::inline v1::detail::codegen::jit
