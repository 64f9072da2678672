// expect: x\(i\), not x\[i\]
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    sn::array<float> x{1, 2, 3};
    x(0) = 4;
#ifndef GOOD
    x(1) = x[0];
#endif
}
