// expect: complex numbers have no order: compare abs\(z\), real\(z\) or imag\(z\)
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const sn::array<bool> inside = sn::fn([](auto v) { return abs(v) < 2.0f; })(z);
#ifndef GOOD
    const sn::array<bool> wrong = sn::fn([](auto v) { return v < 2.0f; })(z);
#endif
}
