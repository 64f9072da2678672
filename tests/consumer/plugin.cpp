#include "plugin.hpp"

#include "statements.hpp"

namespace {

void run(int salt) {
    check_backend();
    check_values(salt);
}

void fail() { static_cast<void>(sn::arange<float>(3) + sn::arange<float>(4)); }

void* make(long count, bool computed) {
    auto* const made = new sn::array<float>(sn::zeros<float>({count}) + 7.0f);
    if (computed) made->eval();
    return made;
}

double total(void* array) {
    auto* const given = static_cast<sn::array<float>*>(array);
    const double sum = static_cast<double>(sn::sum(*given).item());
    delete given;
    return sum;
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) extern const plugin offer;
const plugin offer{run, fail, make, total};
}
