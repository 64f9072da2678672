// expect: use select\(condition, a, b\)
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> x{-1, 2};
    const auto positive = sn::fn([](auto v) {
#ifdef GOOD
        return select(v > 0.0f, v, 0.0f);
#else
        if (v > 0.0f) return v;
        return v * 0.0f;
#endif
    });
    const sn::array<float> y = positive(x);
}
