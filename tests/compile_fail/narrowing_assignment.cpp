// expect: cast<T>
#include <sinter/sinter.hpp>

#include <cstdint>

namespace sn = sinter;

int main() {
    const sn::array<float> x{1.5f, 2.5f};
    const sn::array<std::int32_t> whole = sn::cast<std::int32_t>(x + 1.0f);
#ifndef GOOD
    const sn::array<std::int32_t> wrong = x + 1.0f;
#endif
}
