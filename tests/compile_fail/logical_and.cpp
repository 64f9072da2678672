// expect: not a condition.*& and
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> a{1, 2, 3};
    const sn::array<bool> both = (a > 1.0f) & (a < 3.0f);
#ifndef GOOD
    const sn::array<bool> wrong = (a > 1.0f) && (a < 3.0f);
#endif
}
