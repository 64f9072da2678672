// expect: given a name
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    sn::array<float> x{1, 2, 3, 4};
    auto large = x(x > 2.0f);
    x(x > 2.0f) = 0.0f;
#ifndef GOOD
    large = 0.0f;
#endif
    return static_cast<int>(large.size());
}
