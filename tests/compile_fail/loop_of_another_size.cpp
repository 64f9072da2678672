// expect: sinter: loop: step returns another number of values than the state has
#include <sinter/sinter.hpp>

namespace sn = sinter;

int main() {
    const sn::array<float> x{1, 2};
    const auto f = sn::fn([](auto v) {
#ifdef GOOD
        auto [u] = sn::loop(9, std::tuple{v}, [](auto w) { return w < 9.0f; }, [](auto w) { return std::tuple{w + 1.0f}; });
#else
        auto u = sn::loop(9, std::tuple{v}, [](auto w) { return w < 9.0f; }, [](auto w) { return std::tuple{w + 1.0f, w}; });
#endif
        return u;
    });
    const sn::array<float> y = f(x);
}
