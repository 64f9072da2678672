// expect: no match for call|no matching function
#include <sinter/sinter.hpp>

#include <string>

namespace sn = sinter;

int main() {
    const sn::array<float> x{-1, 2};
    const auto add = sn::fn([](auto u, auto v) { return u + v; });
    const sn::array<float> y = add(x, 1.0f);
#ifndef GOOD
    const sn::array<float> z = add(x, std::string{"1"});
#endif
}
