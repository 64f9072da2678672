// expect: a floating-point number in an array of integers
#include <sinter/sinter.hpp>

#include <cstdint>

namespace sn = sinter;

int main() {
    const sn::array<float> good{1.5, -2.5};
#ifndef GOOD
    const sn::array<std::int32_t> wrong{1.5, -2.5};
#endif
}
