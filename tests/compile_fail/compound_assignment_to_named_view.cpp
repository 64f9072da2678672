// expect: given a name
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    sn::array<float> x{1, 2, 3, 4};
    auto middle = x(sn::range(1, -1));
    x(sn::range(1, -1)) += 1.0f;
#ifndef GOOD
    middle += 1.0f;
#endif
    return static_cast<int>(middle.size());
}
