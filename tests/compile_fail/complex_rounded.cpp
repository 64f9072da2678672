// expect: this operation is not there for complex numbers: take real\(z\), imag\(z\), abs\(z\) or arg\(z\)
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const sn::array<std::complex<float>> good = sn::complex(floor(real(z)), floor(imag(z)));
#ifndef GOOD
    const auto wrong = floor(z);
#endif
}
