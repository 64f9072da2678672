// expect: complex numbers do not become real ones on their own: take real\(z\), imag\(z\) or abs\(z\)
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const sn::array<float> good = real(z);
#ifndef GOOD
    const sn::array<float> wrong = sn::cast<float>(z);
#endif
}
