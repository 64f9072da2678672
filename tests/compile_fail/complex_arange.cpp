// expect: arange of complex numbers, which have no order
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const auto good = sn::cast<std::complex<float>>(sn::arange<float>(3));
#ifndef GOOD
    const auto wrong = sn::arange<std::complex<float>>(3);
#endif
}
