// expect: sinter: loop: condition and step take one generic parameter \(auto\) for each element of the state
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> x{1, 2};
    const auto f = sn::fn([](auto v) {
#ifdef GOOD
        auto [u] = sn::loop(9, std::tuple{v}, [](auto w) { return w < 9.0f; }, [](auto w) { return std::tuple{w + 1.0f}; });
#else
        auto u = sn::loop(9, std::tuple{v}, [](auto w, auto) { return w < 9.0f; }, [](auto w) { return std::tuple{w + 1.0f}; });
#endif
        return u;
    });
    const sn::array<float> y = f(x);
}
