// expect: complex numbers have no order: compare abs\(z\), real\(z\) or imag\(z\)
#include <sinter/fixed.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>, 2> z{1, std::complex<float>(0, 2)};
    const float good = sn::max(abs(z)).item();
#ifndef GOOD
    const auto wrong = sn::max(z);
#endif
    return static_cast<int>(good);
}
