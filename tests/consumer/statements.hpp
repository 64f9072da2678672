#pragma once

#include <sinter/fixed.hpp>
#include <sinter/sinter.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

// Statements whose values are known, and the backend that should compute them.

#if defined(__SSE3__) || defined(__AVX__)
#error "this project is for plain x86-64"
#endif

namespace {

namespace sn = sinter;

void expect(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

/// The best that this machine has, unless the library was built without machine code.
[[nodiscard]] std::string expected_isa() {
    if (std::string(BACKEND) == "portable") return "portable";
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                        __builtin_cpu_supports("avx512vl");
    return avx512 ? "avx512" : avx2 ? "avx2" : "portable";
}

[[maybe_unused]] void check_backend() {
    const std::string isa = expected_isa();
    expect(sn::about().isa == isa, "the instruction set in use is the best of the machine");
    const sn::array<float> x = sn::arange<float>(1000);
    const sn::array<float> y = x * x + 1.0f;
    const sn::plan_report plan = sn::explain(y);
    expect(plan.kernels.size() == 1 && plan.kernels[0].backend == (isa == "portable" ? isa : "jit-" + isa), "kernels are made for it");
}

/// Small and large, on one thread and on all, each often enough to come from the caches. `salt` is a small whole number.
[[maybe_unused]] void check_values(int salt) {
    const auto s = static_cast<float>(salt);
    for (int again = 0; again < 3; ++again) {
        const sn::array<float> x = sn::arange<float>(100);
        const sn::array<float> y = x * 2.0f + s;
        const sn::array<float> total = sn::sum(y);
        sn::eval(y, total);
        for (sn::index_t i = 0; i < 100; ++i) expect(y(i) == static_cast<float>(2 * i + salt), "a statement");
        expect(total.item() == static_cast<float>(9900 + 100 * salt), "a sum");
        expect(sn::mean(y).item() == 99.0f + s && sn::var(x).item() == 833.25f && sn::logsumexp(x * 0.0f).item() > 4.6f, "functions of whole arrays");

        const auto larger = sn::fn([s](auto v) { return sn::where(v > 50.0f, v - s, 0.0f); });
        const sn::array<float> z = larger(x);
        expect(z(50) == 0.0f && z(99) == 99.0f - s, "a function that captures a number");
        auto [low, high] = sn::fn([](auto v) { return std::tuple{minimum(v, 3.0f), maximum(v, 3.0f)}; })(x);
        expect(sn::array_equal(low + high, x + 3.0f), "a function with two results");
    }
    constexpr sn::index_t many = sn::index_t{1} << 21;
    const sn::array<std::int32_t> n = sn::arange<std::int32_t>(many);
    const sn::array<std::int32_t> m = n * 2 - salt;
    expect(sn::sum(m - n).item() == many * (many - 1) / 2 - many * salt, "many elements");
    const sn::array<float> ones = sn::ones<float>({many});
    expect(sn::sum(ones * s).item() == s * static_cast<float>(many), "many sums");
    expect(sn::exp(sn::zeros<float>({1000})).eval()(999) == 1.0f, "a mathematical function");

    sn::array<float, 2, 2> turn{{0, -1}, {1, 0}};
    turn = turn + s;
    expect(turn(0, 1) == s - 1.0f, "an array of static shape");

    std::string said;
    try {
        static_cast<void>((sn::arange<float>(3) + sn::arange<float>(4)).eval());
    } catch (const sn::shape_error& e) {
        said = e.what();
    }
    expect(said.find('3') != std::string::npos && said.find('4') != std::string::npos, "shapes that do not fit");
}

}  // namespace
