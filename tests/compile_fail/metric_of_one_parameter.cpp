// expect: the lambda cannot be called with these arguments
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> a = sn::ones<float>({2, 3});
    const sn::array<float> far = sn::pairwise([](auto p, auto q) { return p - q; }, a, a);
#ifndef GOOD
    const sn::array<float> wrong = sn::pairwise([](auto p) { return p; }, a, a);
#endif
}
