#pragma once

#include <sinter/detail/scalar_lane.hpp>
#include <sinter/sinter.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

// What operations mean on every element type, as plain scalar code that follows the interface's description and not the library's own.

namespace types {

namespace sn = sinter;
namespace sd = sinter::detail;
namespace op = sinter::detail::op;

template <class F>
void for_each_type(F f) {
    f.template operator()<bool>();
    f.template operator()<std::int8_t>();
    f.template operator()<std::int16_t>();
    f.template operator()<std::int32_t>();
    f.template operator()<std::int64_t>();
    f.template operator()<std::uint8_t>();
    f.template operator()<std::uint16_t>();
    f.template operator()<std::uint32_t>();
    f.template operator()<std::uint64_t>();
    f.template operator()<float>();
    f.template operator()<double>();
}

template <class T>
[[nodiscard]] const char* name_of() {
    return sd::name_of(sd::dtype_of<T>);
}

__extension__ using whole = __int128;  // holds every integer exactly
__extension__ using bits = unsigned __int128;

/// The low bits of an integer that need not fit.
template <class T>
[[nodiscard]] constexpr T wrapped(bits v) {
    return static_cast<T>(v);
}
template <class T>
[[nodiscard]] constexpr bits wide(T v) {
    return static_cast<bits>(static_cast<whole>(v));
}

/// The type of arithmetic on two arrays: std::common_type of the two, bool as int32, but as wide as the wider only.
template <class A, class B>
[[nodiscard]] constexpr auto arithmetic_type() {
    if constexpr (std::same_as<A, bool>) {
        return arithmetic_type<std::int32_t, B>();
    } else if constexpr (std::same_as<B, bool>) {
        return arithmetic_type<A, std::int32_t>();
    } else if constexpr (std::floating_point<A> != std::floating_point<B>) {
        return std::conditional_t<std::floating_point<A>, A, B>{};
    } else if constexpr (sizeof(std::common_type_t<A, B>) <= sizeof(A) || sizeof(std::common_type_t<A, B>) <= sizeof(B)) {
        return std::common_type_t<A, B>{};
    } else if constexpr (sizeof(A) != sizeof(B)) {
        return std::conditional_t<(sizeof(A) > sizeof(B)), A, B>{};
    } else {
        return std::conditional_t<std::is_unsigned_v<A>, A, B>{};
    }
}

/// A value as another type.
template <class U, class T>
[[nodiscard]] U converted(T v) {
    if constexpr (std::same_as<U, bool>) {
        return v != T(0);
    } else if constexpr (std::floating_point<T> && std::integral<U>) {
        // Every integer type's bounds and every floating value are exact in long double, and the value is truncated first.
        const auto t = std::trunc(static_cast<long double>(v));
        using limits = std::numeric_limits<U>;
        const bool fits = t >= static_cast<long double>(limits::min()) && t <= static_cast<long double>(limits::max());
        return fits ? static_cast<U>(t) : limits::min();
    } else if constexpr (std::integral<T> && std::integral<U>) {
        return wrapped<U>(wide(v));
    } else {
        return static_cast<U>(v);
    }
}

/// Operations on plain values. What is not here has the body that the library gives it, run as scalars.
template <class T>
struct plain {
    static constexpr bool floats = std::floating_point<T>;
    static constexpr bool logical = std::same_as<T, bool>;
    static constexpr int width = static_cast<int>(8 * sizeof(T));

    static T of(op::add, T a, T b) {
        if constexpr (floats) return a + b;
        else return wrapped<T>(wide(a) + wide(b));
    }
    static T of(op::subtract, T a, T b) {
        if constexpr (floats) return a - b;
        else return wrapped<T>(wide(a) - wide(b));
    }
    static T of(op::multiply, T a, T b) {
        if constexpr (floats) return a * b;
        else return wrapped<T>(wide(a) * wide(b));
    }
    static T of(op::divide, T a, T b) {
        if constexpr (floats) return a / b;
        else return wrapped<T>(static_cast<bits>(whole{a} / whole{b}));
    }
    static T of(op::modulo, T a, T b)
        requires(!floats)
    {
        return wrapped<T>(static_cast<bits>(whole{a} % whole{b}));
    }
    static T of(op::negative, T a) {
        if constexpr (floats) return -a;
        else return wrapped<T>(bits{0} - wide(a));
    }
    static T of(op::abs, T a) {
        if constexpr (floats) return std::fabs(a);
        else return whole{a} < 0 ? wrapped<T>(bits{0} - wide(a)) : a;
    }
    static T of(op::fma, T a, T b, T c) {
        if constexpr (floats) return std::fma(a, b, c);
        else return wrapped<T>(wide(a) * wide(b) + wide(c));
    }
    static T of(op::fms, T a, T b, T c) {
        if constexpr (floats) return std::fma(a, b, -c);
        else return wrapped<T>(wide(a) * wide(b) - wide(c));
    }
    static T of(op::fnma, T a, T b, T c) {
        if constexpr (floats) return std::fma(-a, b, c);
        else return wrapped<T>(wide(c) - wide(a) * wide(b));
    }
    static T of(op::sqrt, T a)
        requires floats
    {
        return std::sqrt(a);
    }
    static T of(op::floor, T a)
        requires floats
    {
        return std::floor(a);
    }
    static T of(op::ceil, T a)
        requires floats
    {
        return std::ceil(a);
    }
    static T of(op::trunc, T a)
        requires floats
    {
        return std::trunc(a);
    }
    static T of(op::rint, T a)
        requires floats
    {
        return std::nearbyint(a);
    }
    static bool of(op::less, T a, T b) { return a < b; }
    static bool of(op::less_equal, T a, T b) { return a <= b; }
    static bool of(op::equal, T a, T b) { return a == b; }
    static bool of(op::not_equal, T a, T b) { return a != b; }
    static T of(op::lesser, T a, T b) { return a < b ? a : b; }
    static T of(op::larger, T a, T b) { return a > b ? a : b; }
    static T of(op::minimum, T a, T b) { return a != a ? a : (a < b ? a : b); }
    static T of(op::maximum, T a, T b) { return a != a ? a : (a > b ? a : b); }
    static T of(op::bitwise_and, T a, T b)
        requires(!floats)
    {
        return static_cast<T>(wide(a) & wide(b));
    }
    static T of(op::bitwise_or, T a, T b)
        requires(!floats)
    {
        return static_cast<T>(wide(a) | wide(b));
    }
    static T of(op::bitwise_xor, T a, T b)
        requires(!floats)
    {
        return static_cast<T>(wide(a) ^ wide(b));
    }
    static T of(op::bitwise_not, T a)
        requires(!floats)
    {
        if constexpr (logical) return !a;
        else return wrapped<T>(~wide(a));
    }
    static T of(op::left_shift, T a, T b)
        requires(!floats)
    {
        return whole{b} >= 0 && whole{b} < width ? wrapped<T>(wide(a) << static_cast<int>(b)) : T(0);
    }
    static T of(op::right_shift, T a, T b)
        requires(!floats)
    {
        return wrapped<T>(static_cast<bits>(whole{a} >> (whole{b} >= 0 && whole{b} < width ? static_cast<int>(b) : width)));
    }
};

/// Values of all kinds, the same for every run: small numbers, numbers of any size, and the special ones.
template <class T>
[[nodiscard]] std::vector<T> samples(std::size_t count, std::uint32_t seed) {
    using limits = std::numeric_limits<T>;
    std::mt19937_64 random(seed);
    std::vector<T> out(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t v = random(), kind = random() % 16;
        if constexpr (std::same_as<T, bool>) {
            out[i] = (v & 1U) != 0;
        } else if constexpr (std::floating_point<T>) {
            constexpr T special[] = {T(0), -T(0), limits::infinity(), -limits::infinity(), limits::quiet_NaN(), limits::max(), limits::lowest(),
                                     limits::min(), limits::denorm_min(), T(0.5), T(-2.5), T(127.5), T(-128.75), T(255.5), T(256), T(-0.75),
                                     T(32767.5), T(65535.5), T(2147483520), T(2147483648.0), T(-2147483648.0), T(4294967040.0), T(4294967296.0),
                                     T(0x1p63), T(-0x1p63), T(0x1p64), T(0x1.fffffep62), T(0x1.fffffep63)};
            const T unit = static_cast<T>(static_cast<std::int64_t>(v)) * T(0x1p-63);
            if (kind == 0) out[i] = special[v % std::size(special)];
            else if (kind == 1) out[i] = std::ldexp(unit, static_cast<int>(v % 70));
            else if (kind < 5) out[i] = unit * T(300);
            else out[i] = unit * T(4);
        } else {
            constexpr T special[] = {limits::min(), limits::max(), static_cast<T>(limits::min() + 1), static_cast<T>(limits::max() - 1), T(0), T(1),
                                     static_cast<T>(-1), static_cast<T>(8 * sizeof(T)), static_cast<T>(8 * sizeof(T) - 1)};
            if (kind < 3) out[i] = special[v % std::size(special)];
            else if (kind < 7) out[i] = static_cast<T>(v % 20);
            else out[i] = static_cast<T>(v >> (v % 64));
        }
    }
    return out;
}

/// A vector as an array; std::vector<bool> has no memory to copy from.
template <class T>
[[nodiscard]] sn::array<T> array_of(const std::vector<T>& v, const sn::extents& shape) {
    if constexpr (std::same_as<T, bool>) {
        const std::unique_ptr<bool[]> memory(new bool[v.size()]);
        std::copy(v.begin(), v.end(), memory.get());
        return sn::from(std::span<const bool>(memory.get(), v.size()), shape);
    } else {
        return sn::from(v, shape);
    }
}
template <class T>
[[nodiscard]] sn::array<T> array_of(const std::vector<T>& v) {
    return types::array_of(v, {static_cast<sn::index_t>(v.size())});
}

/// Around each vector width of every element size, and odd.
inline constexpr sn::index_t lengths[] = {0,  1,  2,  3,  7,  8,   9,   15,  16,  17,  31,  32,  33,
                                          63, 64, 65, 77, 127, 128, 129, 255, 256, 257, 1001};
inline constexpr sn::index_t large = 70'001;

}  // namespace types
