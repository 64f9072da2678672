#include "property/typed.hpp"

#include <cmath>

namespace property {

namespace {

template <class T>
using array = sn::array<T>;

template <class T, class A>
[[nodiscard]] array<T> converted(const A& a) {
    if constexpr (sn::detail::floating<typename A::value_type> && std::integral<T> && !std::same_as<T, bool>) return sn::cast<T>(a * 50.0);
    else return sn::cast<T>(a);
}

template <class T>
[[nodiscard]] array<T> unary(int variant, const array<T>& a) {
    if constexpr (std::same_as<T, bool>) {
        return variant < 3 ? array<bool>(!a) : array<bool>(a ^ true);
    } else {
        switch (variant) {
            case 0: return -a;
            case 1: return sn::abs(a);
            case 2: return a * T(3) + T(1);
            case 3: return sn::minimum(sn::maximum(a, T(2)), T(100));
            default:
                if constexpr (sn::detail::floating<T>) return sn::sqrt(sn::abs(a));
                else return ~a;
        }
    }
}

template <class T>
[[nodiscard]] array<T> binary(int variant, const array<T>& a, const array<T>& b) {
    if constexpr (std::same_as<T, bool>) {
        switch (variant % 4) {
            case 0: return a & b;
            case 1: return a | !b;
            case 2: return a ^ b;
            default: return sn::where(a, b, a <= b);
        }
    } else {
        switch (variant) {
            case 0: return a + b;
            case 1: return a - b;
            case 2: return a * b;
            case 3: return sn::minimum(a, b);
            case 4: return sn::maximum(a, b);
            case 5: return sn::where(a < b, a, b + T(1));
            default: break;
        }
        if constexpr (sn::detail::floating<T>) {
            switch (variant) {
                case 6: return a * b + a;
                case 7: return a - a * b;
                case 8: return a / (sn::abs(b) + T(0.5));
                default: return sn::where(a == b, a, sn::floor(b));
            }
        } else {
            switch (variant) {
                case 6: return a & b;
                case 7: return a ^ b;
                case 8: return a / (b | T(1));
                case 9: return a % (b | T(1));
                case 10: return a << (b & T(7));
                default: return a >> b;
            }
        }
    }
}

}  // namespace

value as_type(const value& v, sn::detail::dtype type) {
    return std::visit(
        [&](const auto& a) { return sn::detail::visit_dtype(type, [&]<class T>(std::type_identity<T>) -> value { return converted<T>(a); }); }, v);
}

array<float> as_float(const value& v) {
    return std::visit(
        []<class T>(const array<T>& a) -> array<float> {
            if constexpr (std::same_as<T, float>) return a;
            else if constexpr (sn::detail::floating<T>) return sn::cast<float>(a) * 0.5f;
            else return sn::cast<float>(a) * std::ldexp(1.0f, -static_cast<int>(8 * sizeof(T) - 6));
        },
        v);
}

value typed_unary(int variant, const value& a) {
    return std::visit([&](const auto& x) -> value { return unary(variant, x); }, a);
}

value typed_binary(int variant, const value& a, const value& b) {
    return std::visit([&]<class T>(const array<T>& x) -> value { return binary(variant, x, std::get<array<T>>(b)); }, a);
}

value typed_reduce(int variant, const value& a, const sn::reduce_options& o) {
    return std::visit(
        [&](const auto& x) -> value {
            switch (variant) {
                case 0: return sn::sum(x, o);
                case 1: return sn::min(x, o);
                case 2: return sn::max(x, o);
                case 3: return sn::any(x, o);
                default: return sn::mean(x, o);
            }
        },
        a);
}

}  // namespace property
