// expect: #include <sinter/sinter.hpp>
#include <sinter/fixed.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float, 4, 4> a{};
    float found = sn::sum<1>(a)(0) + sn::norm(a).item();
#ifndef GOOD
    const auto rows = sum(a, {.axis = 1});
#endif
    return static_cast<int>(found);
}
