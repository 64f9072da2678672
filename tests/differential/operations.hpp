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

[[nodiscard]] inline const std::vector<operation>& operations() {
    namespace op = sn::detail::op;
    static const std::vector<operation> list{
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
        {"exp", [](auto& a, auto&, auto&) -> floats { return sn::exp(a); }, [](float a, float, float) { return std::exp(static_cast<double>(a)); },
         op::exp::ulp},
        {"log", [](auto& a, auto&, auto&) -> floats { return sn::log(a); }, [](float a, float, float) { return std::log(static_cast<double>(a)); },
         op::log::ulp},
        {"tanh", [](auto& a, auto&, auto&) -> floats { return sn::tanh(a); }, [](float a, float, float) { return std::tanh(static_cast<double>(a)); },
         op::tanh::ulp},
        {"pow", [](auto& a, auto& b, auto&) -> floats { return sn::pow(a, b); },
         [](float a, float b, float) { return std::pow(static_cast<double>(a), static_cast<double>(b)); }, op::pow::ulp},
        {"exp_body", [](auto& a, auto&, auto&) -> floats { return sn::exp(a); }, [](float a, float, float) -> double { return scalar<op::exp>(a); }},
        {"log_body", [](auto& a, auto&, auto&) -> floats { return sn::log(a); }, [](float a, float, float) -> double { return scalar<op::log>(a); }},
        {"tanh_body", [](auto& a, auto&, auto&) -> floats { return sn::tanh(a); },
         [](float a, float, float) -> double { return scalar<op::tanh>(a); }},
        {"pow_body", [](auto& a, auto& b, auto&) -> floats { return sn::pow(a, b); },
         [](float a, float b, float) -> double { return scalar<op::pow>(a, b); }},
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
