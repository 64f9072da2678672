// expect: given a name
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    sn::array<float> x{1, 2, 3, 4};
    const sn::array<float> two{5, 6};
    auto middle = x(sn::range(1, -1));
    x(sn::range(1, -1)) = two;
#ifndef GOOD
    middle = two;
#endif
    return static_cast<int>(middle.size());
}
