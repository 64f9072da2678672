// expect: indices are an array of integers
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> x{1, 2, 3, 4};
#ifdef GOOD
    const sn::array<int> places{0, 1};
#else
    const sn::array<float> places{0, 1};
#endif
    return static_cast<int>(sn::take(x, places).size());
}
