#include "plan/loops.hpp"

#include <cstddef>
#include <cstdlib>

namespace sinter::inline v1::detail::plan {

namespace {

template <class V>
void erase_at(V& v, std::size_t i) {
    v.erase(v.begin() + static_cast<std::ptrdiff_t>(i));
}

[[nodiscard]] codegen::access access_of(index_t stride) {
    return stride == 0 ? codegen::access::broadcast : stride == 1 ? codegen::access::unit : codegen::access::strided;
}

[[nodiscard]] std::int8_t fixed_stride(index_t stride) {
    const bool fixed = access_of(stride) == codegen::access::strided && std::abs(stride) <= codegen::largest_fixed_stride;
    return fixed ? static_cast<std::int8_t>(stride) : std::int8_t{0};
}

}  // namespace

void loop_space::drop_ones() {
    for (std::size_t d = extent.size(); d-- > 0;) {
        if (extent[d] != 1) continue;
        erase_at(extent, d);
        erase_at(role, d);
        for (auto& s : stride) erase_at(s, d);
    }
}

void loop_space::collapse() {
    drop_ones();
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

void set_access(launch& l, std::size_t place) {
    const struct place& at = l.places[place];
    const index_t apart = at.turned ? 1 : at.inner;
    const codegen::access how = access_of(apart);
    const std::size_t inputs = l.kernel.inputs.size();
    if (place < inputs) {
        l.kernel.inputs[place].inner = how;
        l.kernel.inputs[place].stride = at.counts || at.gathers ? std::int8_t{0} : fixed_stride(apart);
        l.kernel.inputs[place].next = at.gathers && at.along == 1;
    } else if (place < inputs + l.kernel.outputs.size()) {
        // One element is next to itself.
        codegen::output& o = l.kernel.outputs[place - inputs];
        o.inner = how == codegen::access::broadcast ? codegen::access::unit : how;
        o.stride = fixed_stride(apart);
    }
}

}  // namespace sinter::inline v1::detail::plan
