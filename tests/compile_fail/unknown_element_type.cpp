// expect: an array holds bool
#include <sinter/sinter.hpp>

#include <string>

namespace sn = sinter;

int main() {
    const sn::array<float> x;
#ifndef GOOD
    const sn::array<std::string> y;
#endif
    return static_cast<int>(x.size());
}
