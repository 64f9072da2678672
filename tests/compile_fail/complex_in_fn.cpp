// expect: fn: the elements of its arguments are real: pass real\(z\) and imag\(z\)
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<std::complex<float>> z{1, std::complex<float>(0, 2)};
    const auto square = sn::fn([](auto re, auto im) { return re * re + im * im; });
    const sn::array<float> good = square(real(z), imag(z));
#ifndef GOOD
    const auto wrong = sn::fn([](auto v) { return v * v; })(z);
#endif
}
