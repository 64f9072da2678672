#include "plan/loops.hpp"

#include <cstddef>

namespace sinter::inline v1::detail::plan {

namespace {

template <class V>
void erase_at(V& v, std::size_t i) {
    v.erase(v.begin() + static_cast<std::ptrdiff_t>(i));
}

}  // namespace

void loop_space::collapse() {
    for (std::size_t d = extent.size(); d-- > 0;) {
        if (extent[d] != 1) continue;
        erase_at(extent, d);
        erase_at(role, d);
        for (auto& s : stride) erase_at(s, d);
    }
    for (std::size_t d = extent.size(); d-- > 1;) {
        bool one = role[d - 1] == role[d];
        for (const auto& s : stride) one = one && s[d - 1] == s[d] * extent[d];
        if (!one) continue;
        extent[d - 1] *= extent[d];
        erase_at(extent, d);
        erase_at(role, d);
        for (auto& s : stride) {
            s[d - 1] = s[d];
            erase_at(s, d);
        }
    }
}

std::size_t loop_space::count(axis_role r) const noexcept {
    std::size_t n = 0;
    for (const axis_role x : role) n += x == r ? 1 : 0;
    return n;
}

}  // namespace sinter::inline v1::detail::plan
