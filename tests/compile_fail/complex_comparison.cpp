// expect: complex numbers have no order: compare abs\(z\), real\(z\) or imag\(z\)
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const sn::array<bool> inside = abs(z) < 2;
#ifndef GOOD
    const sn::array<bool> wrong = z < 2;
#endif
}
