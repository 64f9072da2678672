// expect: a floating-point number with integers or conditions inside fn
#include <sinter/sinter.hpp>

#include <cstdint>

namespace sn = sinter;

int main() {
    const sn::array<std::int32_t> pixels{1, 2, 3};
    const sn::array<float> x{1, 2, 3};
    const sn::array<float> halves = sn::fn([](auto v) { return sn::cast<float>(v) * 0.5f; })(pixels);
    const sn::array<float> chosen = sn::fn([](auto v) { return select(v > 1.0f, v * 0.5f, 0.0f); })(x);
#ifndef GOOD
    const sn::array<float> wrong = sn::fn([](auto v) { return (v > 1.0f) * 0.5f; })(x);
#endif
}
