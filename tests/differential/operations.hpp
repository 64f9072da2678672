#pragma once

#include <sinter/detail/scalar_lane.hpp>
#include <sinter/sinter.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

// The operations on float, each as Sinter's and as plain scalar code.

namespace differential {

namespace sn = sinter;
using floats = sn::array<float>;

/// One operation of up to three operands. Plain code gives the exact value in double, which a result may miss by ulp units in
/// the last place; 0 says that plain is what it must give, to the bit.
struct operation {
    std::string name;
    std::function<floats(const floats&, const floats&, const floats&)> ours;
    std::function<double(float, float, float)> plain;
    double ulp = 0;
};

/// sn's own body on one element: what every backend has to give, to the bit.
template <class Op, class... A>
[[nodiscard]] float scalar(A... a) {
    return Op::apply(sn::lane<float>{a}...).raw();
}

[[nodiscard]] inline float plain_minimum(float a, float b) { return a != a ? a : (a < b ? a : b); }
[[nodiscard]] inline float plain_maximum(float a, float b) { return a != a ? a : (a > b ? a : b); }

/// Those that plain code gives to the bit, or that have a form of their own.
[[nodiscard]] inline std::vector<operation> plain_operations() {
    namespace op = sn::detail::op;
    return {
        {"add", [](auto& a, auto& b, auto&) -> floats { return a + b; }, [](float a, float b, float) -> double { return a + b; }},
        {"subtract", [](auto& a, auto& b, auto&) -> floats { return a - b; }, [](float a, float b, float) -> double { return a - b; }},
        {"multiply", [](auto& a, auto& b, auto&) -> floats { return a * b; }, [](float a, float b, float) -> double { return a * b; }},
        {"divide", [](auto& a, auto& b, auto&) -> floats { return a / b; }, [](float a, float b, float) -> double { return a / b; }},
        {"negative", [](auto& a, auto&, auto&) -> floats { return -a; }, [](float a, float, float) -> double { return -a; }},
        {"abs", [](auto& a, auto&, auto&) -> floats { return sn::abs(a); }, [](float a, float, float) -> double { return std::fabs(a); }},
        {"sqrt", [](auto& a, auto&, auto&) -> floats { return sn::sqrt(a); }, [](float a, float, float) -> double { return std::sqrt(a); }},
        {"minimum", [](auto& a, auto& b, auto&) -> floats { return sn::minimum(a, b); },
         [](float a, float b, float) -> double { return plain_minimum(a, b); }},
        {"maximum", [](auto& a, auto& b, auto&) -> floats { return sn::maximum(a, b); },
         [](float a, float b, float) -> double { return plain_maximum(a, b); }},
        {"fma", [](auto& a, auto& b, auto& c) -> floats { return sn::fma(a, b, c); },
         [](float a, float b, float c) -> double { return std::fma(a, b, c); }},
        {"product_plus", [](auto& a, auto& b, auto& c) -> floats { return a * b + c; },
         [](float a, float b, float c) -> double { return std::fma(a, b, c); }},
        {"minus_product", [](auto& a, auto& b, auto& c) -> floats { return c - a * b; },
         [](float a, float b, float c) -> double { return std::fma(-a, b, c); }},
        {"product_minus", [](auto& a, auto& b, auto& c) -> floats { return a * b - c; },
         [](float a, float b, float c) -> double { return std::fma(a, b, -c); }},
        {"two_products", [](auto& a, auto& b, auto& c) -> floats { return a * b + b * c; },
         [](float a, float b, float c) -> double { return std::fma(a, b, b * c); }},
        {"where", [](auto& a, auto& b, auto& c) -> floats { return sn::where(a < b, c, a); },
         [](float a, float b, float c) -> double { return a < b ? c : a; }},
        {"less_equal", [](auto& a, auto& b, auto& c) -> floats { return sn::where(a <= b, 1.0f, c); },
         [](float a, float b, float c) -> double { return a <= b ? 1.0f : c; }},
        {"equal", [](auto& a, auto& b, auto&) -> floats { return sn::where(a == b, 1.0f, 2.0f); },
         [](float a, float b, float) -> double { return a == b ? 1.0f : 2.0f; }},
        {"not_equal", [](auto& a, auto& b, auto&) -> floats { return sn::where(a != b, a, 2.0f); },
         [](float a, float b, float) -> double { return a != b ? a : 2.0f; }},
        {"greater", [](auto& a, auto& b, auto&) -> floats { return sn::where((a > b) | !(a >= 0.5f), a, b); },
         [](float a, float b, float) -> double { return a > b || !(a >= 0.5f) ? a : b; }},
        {"to_int_and_back", [](auto& a, auto&, auto&) -> floats { return sn::cast<float>(sn::cast<std::int32_t>(a)); },
         [](float a, float, float) -> double { return a >= -0x1p31f && a < 0x1p31f ? static_cast<float>(static_cast<std::int32_t>(a)) : -0x1p31f; }},
        {"to_byte_and_back", [](auto& a, auto&, auto&) -> floats { return sn::cast<float>(sn::cast<std::uint8_t>(a)); },
         [](float a, float, float) -> double { return a > -1.0f && a < 256.0f ? static_cast<float>(static_cast<std::uint8_t>(a)) : 0.0f; }},
        {"to_bool_and_back", [](auto& a, auto&, auto&) -> floats { return sn::cast<float>(sn::cast<bool>(a)); },
         [](float a, float, float) -> double { return a != 0.0f ? 1.0f : 0.0f; }},
        {"square", [](auto& a, auto&, auto&) -> floats { return sn::square(a); }, [](float a, float, float) -> double { return a * a; }},
        {"reciprocal", [](auto& a, auto&, auto&) -> floats { return sn::reciprocal(a); }, [](float a, float, float) -> double { return 1.0f / a; }},
        {"rsqrt", [](auto& a, auto&, auto&) -> floats { return sn::rsqrt(a); },
         [](float a, float, float) { return 1.0 / std::sqrt(static_cast<double>(a)); }, op::rsqrt::ulp},
        {"sign", [](auto& a, auto&, auto&) -> floats { return sn::sign(a); },
         [](float a, float, float) -> double { return a > 0 ? 1.0f : a < 0 ? -1.0f : a; }},
        {"fmin", [](auto& a, auto& b, auto&) -> floats { return sn::fmin(a, b); },
         [](float a, float b, float) -> double { return b != b || a < b ? a : b; }},
        {"fmax", [](auto& a, auto& b, auto&) -> floats { return sn::fmax(a, b); },
         [](float a, float b, float) -> double { return b != b || a > b ? a : b; }},
        {"clip", [](auto& a, auto& b, auto& c) -> floats { return sn::clip(a, b, c); },
         [](float a, float b, float c) -> double {
             const float low = a != a || a > b ? a : b;
             return low != low || low < c ? low : c;
         }},
        {"isnan", [](auto& a, auto& b, auto&) -> floats { return sn::where(sn::isnan(a), b, a); },
         [](float a, float b, float) -> double { return std::isnan(a) ? b : a; }},
        {"isinf", [](auto& a, auto& b, auto&) -> floats { return sn::where(sn::isinf(a), b, a); },
         [](float a, float b, float) -> double { return std::isinf(a) ? b : a; }},
        {"isfinite", [](auto& a, auto& b, auto&) -> floats { return sn::where(sn::isfinite(a), b, a); },
         [](float a, float b, float) -> double { return std::isfinite(a) ? b : a; }},
        {"round", [](auto& a, auto&, auto&) -> floats { return sn::round(a); }, [](float a, float, float) -> double { return std::round(a); }},
        {"ten_operations",
         [](auto& a, auto& b, auto& c) -> floats { return sn::sqrt(sn::abs(a * b + c)) - (a - 2.0f) * (b + c) / (sn::abs(c) + 1.0f); },
         [](float a, float b, float c) -> double { return std::sqrt(std::fabs(std::fma(a, b, c))) - (a - 2.0f) * (b + c) / (std::fabs(c) + 1.0f); }},
    };
}

[[nodiscard]] inline const std::vector<operation>& operations() {
    namespace op = sn::detail::op;
    static const std::vector<operation> list = [] {
        std::vector<operation> all = plain_operations();
        const auto add = [&]<class Op>(std::type_identity<Op>, auto ours, auto exact) {
            all.push_back({Op::name, ours, exact, Op::ulp == 0.5 ? 0.0 : Op::ulp});
            all.push_back({std::string(Op::name) + "_body", ours, [](float a, float b, float) -> double {
                               if constexpr (Op::arity == 1) return scalar<Op>(a);
                               else return scalar<Op>(a, b);
                           }});
        };
#define SINTER_ONE(NAME)                                                                    \
    add(std::type_identity<op::NAME>{}, [](auto& a, auto&, auto&) -> floats { return sn::NAME(a); }, \
        [](float a, float, float) -> double { return std::NAME(static_cast<double>(a)); });
#define SINTER_TWO(NAME)                                                                       \
    add(std::type_identity<op::NAME>{}, [](auto& a, auto& b, auto&) -> floats { return sn::NAME(a, b); }, \
        [](float a, float b, float) -> double { return std::NAME(static_cast<double>(a), static_cast<double>(b)); });
        SINTER_ONE(exp) SINTER_ONE(exp2) SINTER_ONE(expm1) SINTER_ONE(log) SINTER_ONE(log2) SINTER_ONE(log10) SINTER_ONE(log1p)
        SINTER_ONE(sin) SINTER_ONE(cos) SINTER_ONE(tan) SINTER_ONE(asin) SINTER_ONE(acos) SINTER_ONE(atan)
        SINTER_ONE(sinh) SINTER_ONE(cosh) SINTER_ONE(tanh) SINTER_ONE(asinh) SINTER_ONE(acosh) SINTER_ONE(atanh)
        SINTER_ONE(erf) SINTER_ONE(erfc) SINTER_ONE(tgamma) SINTER_ONE(cbrt)
        SINTER_TWO(pow) SINTER_TWO(atan2) SINTER_TWO(hypot) SINTER_TWO(fmod) SINTER_TWO(remainder) SINTER_TWO(copysign)
#undef SINTER_ONE
#undef SINTER_TWO
        // Close to its zeros the bound is one of 1.
        all.push_back({"lgamma_body", [](auto& a, auto&, auto&) -> floats { return sn::lgamma(a); },
                       [](float a, float, float) -> double { return scalar<op::lgamma>(a); }});
        return all;
    }();
    return list;
}

/// Numbers of all kinds, the same for every run: ordinary ones of several sizes, and every twentieth a special one.
[[nodiscard]] inline std::vector<float> samples(std::size_t count, std::uint32_t seed) {
    constexpr float inf = std::numeric_limits<float>::infinity();
    static constexpr float special[] = {0.0f,      -0.0f,      1.0f,      -1.0f, inf,       -inf,        std::numeric_limits<float>::quiet_NaN(),
                                        0x1p-149f, -0x1p-130f, 0x1p-126f, 3e38f, -3e38f,    0x1p31f,     -0x1p31f,
                                        255.5f,    256.0f,     -0.75f,    0.5f,  88.72284f, -103.97208f, 0x1.fffffep30f};
    std::vector<float> out(count);
    std::uint64_t state = seed * 0x9e3779b97f4a7c15U + 1;
    for (float& v : out) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const auto bits = static_cast<std::uint32_t>(state >> 32);
        const float unit = static_cast<float>(bits >> 8) * 0x1p-23f - 1.0f;
        switch (state % 20) {
            case 0: v = special[(state >> 8) % std::size(special)]; break;
            case 1:
            case 2:
            case 3: v = unit * 1000.0f; break;
            case 4:
            case 5: v = std::ldexp(unit, static_cast<int>(state >> 20) % 60); break;
            default: v = unit * 4.0f;
        }
    }
    return out;
}

/// Around each vector width, and past what one thread takes at once.
inline constexpr sn::index_t lengths[] = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 101, 127, 128, 129, 1001, 4099};
inline constexpr sn::index_t large = 1'000'003;

}  // namespace differential
