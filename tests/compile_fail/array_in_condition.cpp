// expect: not a condition.*array_equal
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> a{1, 2, 3};
    const sn::array<float> b{1, 2, 4};
    int equal = sn::array_equal(a, b) ? 1 : 0;
#ifndef GOOD
    if (a == b) equal = 2;
#endif
    return equal;
}
