// expect: a floating-point identity for integers
#include <sinter/sinter.hpp>

#include <cstdint>

namespace sn = sinter;

int main() {
    const sn::array<std::int32_t> pixels{1, 2, 3};
    const auto good = sn::reduce([](auto p, auto q) { return p + q; }, 0, pixels);
#ifndef GOOD
    const auto wrong = sn::reduce([](auto p, auto q) { return p + q; }, 0.5, pixels);
#endif
}
