// expect: deleted.*data
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> kept = sn::zeros<float>({3});
    const float* fine = kept.data();
#ifndef GOOD
    const float* wrong = sn::zeros<float>({3}).data();
    fine = wrong;
#endif
    return fine == nullptr ? 1 : 0;
}
