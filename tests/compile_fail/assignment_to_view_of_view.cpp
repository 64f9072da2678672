// expect: no match for|no viable|passing|discards|expects an lvalue
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    sn::array<float> x{1, 2, 3, 4};
    const sn::array<float> two{5, 6};
    x(sn::range(0, 2)) = two;
#ifndef GOOD
    x(sn::range(0, 4))(sn::range(0, 2)) = two;
#endif
    return static_cast<int>(x.size());
}
