// expect: a floating-point number around integers
#include <sinter/sinter.hpp>

#include <cstdint>

namespace sn = sinter;

int main() {
    const sn::array<std::int32_t> pixels{1, 2, 3};
    const auto good = sn::pad(pixels, 1, sn::pad_mode::constant, 7);
#ifndef GOOD
    const auto wrong = sn::pad(pixels, 1, sn::pad_mode::constant, 0.5);
#endif
}
