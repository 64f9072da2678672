// expect: cast<float>\(x\) the array first
#include <sinter/sinter.hpp>

#include <cstdint>

namespace sn = sinter;

int main() {
    const sn::array<std::int32_t> pixels{1, 2, 3};
    const sn::array<float> halves = sn::cast<float>(pixels) * 0.5f;
#ifndef GOOD
    const sn::array<std::int32_t> wrong = pixels * 0.5;
#endif
}
