// expect: shape|broadcast
#include <sinter/fixed.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float, 4, 4> a{};
    const sn::array<float, 4> row{};
    const sn::array<float, 4, 4> fine = a + row;
#ifndef GOOD
    const sn::array<float, 3> three{};
    const auto wrong = a + three;
#endif
    return static_cast<int>(fine.size());
}
