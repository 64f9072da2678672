// expect: no match for call|no matching function
#include <sinter/sinter.hpp>

#include <string>

namespace sn = sinter;

int main() {
    const sn::array<float> x{-1, 2};
    const sn::array<float> y = sn::minimum(x, 1.0f);
#ifndef GOOD
    const sn::array<float> z = sn::minimum(x, std::string{"1"});
#endif
}
