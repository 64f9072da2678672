// expect: a complex number with an array of integers: cast<float>\(x\) the array first
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const sn::array<int> pixels{1, 2};
    const auto good = sn::cast<float>(pixels) * std::complex<float>(0, 1);
#ifndef GOOD
    const auto wrong = pixels * std::complex<float>(0, 1);
#endif
}
