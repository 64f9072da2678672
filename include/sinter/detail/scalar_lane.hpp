#pragma once

#include <sinter/detail/lookup.hpp>
#include <sinter/detail/operations.hpp>

// Lanes of one element: what an operation means, in plain C++. Used for folding, for tests and on static arrays of rank 0.

namespace sinter::inline v1::detail {

/// Floating to integer toward zero; out of range and NaN give the lowest value. Integers wrap. To bool: is not zero.
template <class U, class T>
[[nodiscard]] constexpr U convert_scalar(T x) noexcept {
    if constexpr (half<T>) {
        return detail::convert_scalar<U>(static_cast<float>(x));
    } else if constexpr (half<U>) {
        return U(x);
    } else if constexpr (std::same_as<U, bool>) {
        return x != T(0);
    } else if constexpr (std::floating_point<T> && std::integral<U>) {
        // The bounds are powers of two (or zero), so they are exact in T.
        constexpr T low = static_cast<T>(std::numeric_limits<U>::lowest());
        constexpr T past = static_cast<T>(std::numeric_limits<U>::max() / 2 + 1) * T(2);
        const bool fits = std::unsigned_integral<U> ? (x > T(-1) && x < past) : (x >= low && x < past);
        return fits ? static_cast<U>(x) : std::numeric_limits<U>::lowest();
    } else {
        return static_cast<U>(x);
    }
}

template <class T>
    requires std::is_arithmetic_v<T>
struct carrier<T> {
    using value_type = T;
    template <class U>
    using rebind = U;
    static constexpr bool expands = true;

    static constexpr T constant(T x) noexcept { return x; }

    template <class U>
    static constexpr U convert(T x) noexcept {
        return detail::convert_scalar<U>(x);
    }
    template <class U>
    static constexpr U bitcast(T x) noexcept {
        return std::bit_cast<U>(x);
    }

    static constexpr bool any(bool mask) noexcept { return mask; }

    static constexpr T lookup(T x, const table_of<T>& table) noexcept
        requires std::floating_point<T>
    {
        return table.at(x);
    }

    template <class Op, class... A>
    static auto apply(A... a) noexcept {
        return evaluate(Op{}, a...);
    }

private:
    // Integers wrap, small ones too: computed in an unsigned type at least as wide as unsigned int.
    using wide = typename std::conditional_t<
        std::integral<T>,
        std::type_identity<std::conditional_t<(sizeof(T) > 4), std::uint64_t, std::uint32_t>>, std::type_identity<T>>::type;
    static constexpr wide w(T x) noexcept { return static_cast<wide>(x); }

    static constexpr T evaluate(op::add, T a, T b) noexcept { return static_cast<T>(w(a) + w(b)); }
    static constexpr T evaluate(op::subtract, T a, T b) noexcept { return static_cast<T>(w(a) - w(b)); }
    static constexpr T evaluate(op::multiply, T a, T b) noexcept { return static_cast<T>(w(a) * w(b)); }
    static constexpr T evaluate(op::divide, T a, T b) noexcept {
        if constexpr (std::signed_integral<T>) {
            if (b == T(-1)) return static_cast<T>(wide{0} - w(a));
        }
        return static_cast<T>(a / b);
    }
    static constexpr T evaluate(op::negative, T a) noexcept {
        if constexpr (std::floating_point<T>) {
            return -a;
        } else {
            return static_cast<T>(wide{0} - w(a));
        }
    }
    static T evaluate(op::fma, T a, T b, T c) noexcept {
        if constexpr (std::floating_point<T>) {
            return std::fma(a, b, c);
        } else {
            return static_cast<T>(w(a) * w(b) + w(c));
        }
    }
    static T evaluate(op::fms, T a, T b, T c) noexcept {
        if constexpr (std::floating_point<T>) {
            return std::fma(a, b, -c);
        } else {
            return static_cast<T>(w(a) * w(b) - w(c));
        }
    }
    static T evaluate(op::fnma, T a, T b, T c) noexcept {
        if constexpr (std::floating_point<T>) {
            return std::fma(-a, b, c);
        } else {
            return static_cast<T>(w(c) - w(a) * w(b));
        }
    }
    static constexpr bool evaluate(op::less, T a, T b) noexcept { return a < b; }
    static constexpr bool evaluate(op::less_equal, T a, T b) noexcept { return a <= b; }
    static constexpr bool evaluate(op::equal, T a, T b) noexcept { return a == b; }
    static constexpr bool evaluate(op::not_equal, T a, T b) noexcept { return a != b; }
    static constexpr T evaluate(op::lesser, T a, T b) noexcept { return a < b ? a : b; }
    static constexpr T evaluate(op::larger, T a, T b) noexcept { return a > b ? a : b; }
    static T evaluate(op::abs, T a) noexcept {
        if constexpr (std::floating_point<T>) {
            return std::fabs(a);
        } else if constexpr (std::signed_integral<T>) {
            return a < 0 ? static_cast<T>(wide{0} - w(a)) : a;
        } else {
            return a;
        }
    }
    static T evaluate(op::sqrt, T a) noexcept { return std::sqrt(a); }
    static T evaluate(op::floor, T a) noexcept { return std::floor(a); }
    static T evaluate(op::ceil, T a) noexcept { return std::ceil(a); }
    static T evaluate(op::trunc, T a) noexcept { return std::trunc(a); }
    static T evaluate(op::rint, T a) noexcept { return std::nearbyint(a); }
    static constexpr T evaluate(op::bitwise_and, T a, T b) noexcept { return static_cast<T>(a & b); }
    static constexpr T evaluate(op::bitwise_or, T a, T b) noexcept { return static_cast<T>(a | b); }
    static constexpr T evaluate(op::bitwise_xor, T a, T b) noexcept { return static_cast<T>(a ^ b); }
    static constexpr T evaluate(op::bitwise_not, T a) noexcept {
        if constexpr (std::same_as<T, bool>) {
            return !a;
        } else {
            return static_cast<T>(~w(a));
        }
    }
    static constexpr T evaluate(op::left_shift, T a, T b) noexcept {
        constexpr auto bits = static_cast<wide>(8 * sizeof(T));
        return w(b) >= bits ? T(0) : static_cast<T>(w(a) << w(b));
    }
    static constexpr T evaluate(op::right_shift, T a, T b) noexcept {
        constexpr auto bits = static_cast<wide>(8 * sizeof(T));
        if (w(b) >= bits) return static_cast<T>(std::signed_integral<T> && a < T(0) ? -1 : 0);
        return static_cast<T>(a >> w(b));
    }
    static constexpr T evaluate(op::select, bool c, T a, T b) noexcept { return c ? a : b; }
};

}  // namespace sinter::inline v1::detail
