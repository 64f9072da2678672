#pragma once

// g++ 12 takes the undefined operands of its own AVX-512 intrinsics for mistakes.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <sinter/detail/batch_lane.hpp>
#include <sinter/detail/complex_types.hpp>
#include <sinter/detail/half_lane.hpp>

#include <algorithm>
#include <cmath>

namespace sinter::inline v1::detail::fixed {

/// What a translation unit is compiled for. Everything that is compiled in place has it as a template argument, so that the
/// linker cannot take code made for one instruction set for another's.
template <class Arch, bool Fma>
struct target {
    using arch = Arch;
    /// Products that are added or subtracted are contracted only where that is one instruction.
    static constexpr bool contracts = Fma;
};

#if defined(__FMA__)
using this_target = target<xsimd::default_arch, true>;
#else
using this_target = target<xsimd::default_arch, false>;
#endif

/// xsimd's name of registers of so many bytes.
template <std::size_t Bytes>
using arch_of_bytes = typename xsimd::make_sized_batch_t<float, Bytes / sizeof(float)>::arch_type;

/// Bytes of the widest register, and of the narrowest.
template <class Target>
inline constexpr std::size_t widest_register = xsimd::batch<float, typename Target::arch>::size * sizeof(float);
inline constexpr std::size_t narrowest_register = 16;

/// One element on its own. As xsimd's registers do, it hides where products come from: compilers would contract them.
template <class T, class Target>
struct element_value {
    T value;
};

}  // namespace sinter::inline v1::detail::fixed

namespace sinter::inline v1::detail {

template <class T, class Target>
struct carrier<fixed::element_value<T, Target>> {
    using value_type = T;
    using self = fixed::element_value<T, Target>;
    template <class U>
    using rebind = fixed::element_value<U, Target>;
    static constexpr bool expands = true;

    [[gnu::always_inline]] static self constant(T x) noexcept { return {x}; }
    template <class U>
    [[gnu::always_inline]] static rebind<U> convert(self x) noexcept {
        if constexpr (std::same_as<U, bool>)
            return {x.value != T(0)};
        else if constexpr (std::floating_point<T> && std::integral<U>)
            return {detail::truncate_to<U>(x.value)};
        else
            return {static_cast<U>(x.value)};
    }
    template <class U>
    [[gnu::always_inline]] static rebind<U> bitcast(self x) noexcept {
        return {std::bit_cast<U>(x.value)};
    }
    [[gnu::always_inline]] static self lookup(self x, const table_of<T>& table) noexcept
        requires std::floating_point<T>
    {
        return {table.at(x.value)};
    }
    template <class Op, class... A>
    [[gnu::always_inline]] static auto apply(A... a) noexcept {
        const auto r = of(Op{}, a.value...);
        return rebind<std::remove_const_t<decltype(r)>>{r};
    }

private:
    // Integers wrap: computed in an unsigned type of at least 32 bits.
    using wide = typename std::conditional_t<std::integral<T>, std::type_identity<std::conditional_t<(sizeof(T) > 4), std::uint64_t, std::uint32_t>>,
                                             std::type_identity<T>>::type;
    static constexpr T narrow(wide x) noexcept { return static_cast<T>(x); }
    static constexpr wide w(T x) noexcept { return static_cast<wide>(x); }

    [[gnu::always_inline]] static T of(op::add, T a, T b) noexcept { return narrow(w(a) + w(b)); }
    [[gnu::always_inline]] static T of(op::subtract, T a, T b) noexcept { return narrow(w(a) - w(b)); }
    [[gnu::always_inline]] static T of(op::multiply, T a, T b) noexcept {
        wide product = w(a) * w(b);
#if defined(__FMA__)
        if constexpr (std::floating_point<T>) asm("" : "+x"(product));
#endif
        return narrow(product);
    }
    [[gnu::always_inline]] static T of(op::divide, T a, T b) noexcept {
        if constexpr (std::floating_point<T>) {
            return a / b;
        } else {
            if constexpr (std::signed_integral<T>) {
                if (b == T(-1)) return narrow(wide{0} - w(a));
            }
            return static_cast<T>(a / (b == T(0) ? T(1) : b));
        }
    }
    [[gnu::always_inline]] static T of(op::negative, T a) noexcept {
        if constexpr (std::floating_point<T>)
            return -a;
        else
            return narrow(wide{0} - w(a));
    }
    [[gnu::always_inline]] static T of(op::fma, T a, T b, T c) noexcept {
        if constexpr (std::same_as<T, float>)
            return __builtin_fmaf(a, b, c);
        else if constexpr (std::same_as<T, double>)
            return __builtin_fma(a, b, c);
        else
            return narrow(w(a) * w(b) + w(c));
    }
    [[gnu::always_inline]] static T of(op::fms, T a, T b, T c) noexcept { return of(op::fma{}, a, b, of(op::negative{}, c)); }
    [[gnu::always_inline]] static T of(op::fnma, T a, T b, T c) noexcept { return of(op::fma{}, of(op::negative{}, a), b, c); }
    [[gnu::always_inline]] static bool of(op::less, T a, T b) noexcept { return a < b; }
    [[gnu::always_inline]] static bool of(op::less_equal, T a, T b) noexcept { return a <= b; }
    [[gnu::always_inline]] static bool of(op::equal, T a, T b) noexcept { return a == b; }
    [[gnu::always_inline]] static bool of(op::not_equal, T a, T b) noexcept { return a != b; }
    [[gnu::always_inline]] static T of(op::lesser, T a, T b) noexcept { return a < b ? a : b; }
    [[gnu::always_inline]] static T of(op::larger, T a, T b) noexcept { return a > b ? a : b; }
    [[gnu::always_inline]] static T of(op::abs, T a) noexcept {
        if constexpr (std::floating_point<T>)
            return std::fabs(a);
        else if constexpr (std::signed_integral<T>)
            return a < 0 ? narrow(wide{0} - w(a)) : a;
        else
            return a;
    }
    [[gnu::always_inline]] static T of(op::sqrt, T a) noexcept { return std::sqrt(a); }
    [[gnu::always_inline]] static T of(op::floor, T a) noexcept { return std::floor(a); }
    [[gnu::always_inline]] static T of(op::ceil, T a) noexcept { return std::ceil(a); }
    [[gnu::always_inline]] static T of(op::trunc, T a) noexcept { return std::trunc(a); }
    [[gnu::always_inline]] static T of(op::rint, T a) noexcept { return std::nearbyint(a); }
    [[gnu::always_inline]] static T of(op::bitwise_and, T a, T b) noexcept { return static_cast<T>(a & b); }
    [[gnu::always_inline]] static T of(op::bitwise_or, T a, T b) noexcept { return static_cast<T>(a | b); }
    [[gnu::always_inline]] static T of(op::bitwise_xor, T a, T b) noexcept { return static_cast<T>(a ^ b); }
    [[gnu::always_inline]] static T of(op::bitwise_not, T a) noexcept {
        if constexpr (std::same_as<T, bool>)
            return !a;
        else
            return narrow(~w(a));
    }
    [[gnu::always_inline]] static T of(op::left_shift, T a, T b) noexcept {
        return w(b) >= static_cast<wide>(8 * sizeof(T)) ? T(0) : narrow(w(a) << w(b));
    }
    [[gnu::always_inline]] static T of(op::right_shift, T a, T b) noexcept {
        if (w(b) >= static_cast<wide>(8 * sizeof(T))) return static_cast<T>(std::signed_integral<T> && a < T(0) ? -1 : 0);
        return static_cast<T>(a >> w(b));
    }
    [[gnu::always_inline]] static T of(op::select, bool c, T a, T b) noexcept { return c ? a : b; }
};

}  // namespace sinter::inline v1::detail

namespace sinter::inline v1::detail {

template <class B>
[[gnu::always_inline]] inline lane<B> lane_of_raw(B raw) noexcept {
    return lane<B>(raw);
}

}  // namespace sinter::inline v1::detail

namespace sinter::inline v1::detail::fixed {

/// The largest power of two of lanes of so many bytes that registers offer and n elements fill; 1 when none.
template <class Target>
[[nodiscard]] constexpr std::size_t lanes_for(std::size_t n, std::size_t bytes) noexcept {
    for (std::size_t r = widest_register<Target>; r >= narrowest_register; r /= 2) {
        if (r / bytes <= n) return r / bytes;
    }
    return 1;
}

/// Elements of 16 bits in memory are loaded and stored as numbers by these lanes, and are floats in between.
template <class L, half T>
[[nodiscard, gnu::always_inline]] inline auto load_half(const T* from) noexcept {
    const auto x = detail::widened<T>(L::load(reinterpret_cast<const std::uint16_t*>(from)));
    return lane<stands_for<T, std::remove_cvref_t<decltype(x.raw())>>>({x.raw()});
}
template <class L, half T, class V>
[[gnu::always_inline]] inline void store_half(T* to, V v) noexcept {
    L::store(reinterpret_cast<std::uint16_t*>(to), detail::narrowed_bits<T>(detail::computed_lane(v)));
}

/// The type that lanes hold of elements of T: of a complex number, the type of its parts.
template <class T>
using held_t = part_t<computed_t<T>>;

/// Every other lane of two registers in a row, and two registers' lanes in turn: the first half of them, or the second.
template <std::size_t First, class V>
[[nodiscard, gnu::always_inline]] inline V every_other(V low, V high) noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) { return __builtin_shufflevector(low, high, (First + 2 * I)...); }
    (std::make_index_sequence<sizeof(V) / sizeof(low[0])>{});
}
template <std::size_t Half, class V>
[[nodiscard, gnu::always_inline]] inline V in_turn(V even, V odd) noexcept {
    constexpr std::size_t n = sizeof(V) / sizeof(even[0]);
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        return __builtin_shufflevector(even, odd, (Half * n / 2 + I / 2 + I % 2 * n)...);
    }
    (std::make_index_sequence<n>{});
}

/// Complex numbers lie in memory with their parts in turn, and are two lanes in between.
template <class L, class T>
[[nodiscard, gnu::always_inline]] inline auto load_complex(const T* numbers) noexcept {
    using P = part_t<T>;
    using V = typename L::template lane_type<P>;
    const P* const from = reinterpret_cast<const P*>(numbers);
    if constexpr (L::count == 1) {
        return complex_lane<V>{L::load(from), L::load(from + 1)};
    } else {
        using B = typename L::template carrier_of<P>;
        using ops = batch_ops<P, typename L::arch>;
        const auto part = [&]<std::size_t First>() __attribute__((always_inline)) {
            return V(detail::build<B>([&]<std::size_t K>() __attribute__((always_inline)) {
                if constexpr (L::count < ops::size) {
                    const auto both = ops::native(detail::part_of<0>(carrier<B>::load_part(from, 2 * L::count)));
                    return ops::from_native(fixed::every_other<First>(both, both));
                } else {
                    using batch = xsimd::batch<P, typename L::arch>;
                    const P* const at = from + 2 * K * ops::size;
                    return ops::from_native(fixed::every_other<First>(ops::native(batch::load_unaligned(at)), ops::native(batch::load_unaligned(at + ops::size))));
                }
            }));
        };
        return complex_lane<V>{part.template operator()<0>(), part.template operator()<1>()};
    }
}
template <class L, class T, class V>
[[gnu::always_inline]] inline void store_complex(T* numbers, complex_lane<V> z) noexcept {
    using P = part_t<T>;
    P* const to = reinterpret_cast<P*>(numbers);
    if constexpr (L::count == 1) {
        L::store(to, z.re);
        L::store(to + 1, z.im);
    } else {
        using B = typename L::template carrier_of<P>;
        using ops = batch_ops<P, typename L::arch>;
        const auto both = [&]<std::size_t K, std::size_t Half>() __attribute__((always_inline)) {
            return ops::from_native(fixed::in_turn<Half>(ops::native(detail::part_of<K>(z.re.raw())), ops::native(detail::part_of<K>(z.im.raw()))));
        };
        if constexpr (L::count < ops::size) {
            carrier<B>::store_part(to, detail::build<B>([&]<std::size_t>() __attribute__((always_inline)) { return both.template operator()<0, 0>(); }), 2 * L::count);
        } else {
            [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
                ((both.template operator()<K, 0>().store_unaligned(to + 2 * K * ops::size), both.template operator()<K, 1>().store_unaligned(to + (2 * K + 1) * ops::size)), ...);
            }
            (std::make_index_sequence<batch_traits<B>::count>{});
        }
    }
}

/// A number as lanes of T, of which a float is kept where T has 16 bits.
template <class L, class T>
[[nodiscard, gnu::always_inline]] inline auto constant_of(computed_t<T> x) noexcept {
    if constexpr (is_complex<T>) {
        const auto re = L::constant(x.real());
        return complex_lane<std::remove_const_t<decltype(re)>>{re, L::constant(x.imag())};
    } else {
        const auto v = L::constant(x);
        if constexpr (half<T>) return lane<stands_for<T, std::remove_cvref_t<decltype(v.raw())>>>({v.raw()});
        else return v;
    }
}

/// An operation on lanes, whose last has the type of its operands.
template <class Op, class... V>
[[nodiscard, gnu::always_inline]] inline auto operate(V... v) noexcept {
    using last = std::remove_cvref_t<decltype((v, ...))>;
    return detail::apply_computed<Op, last>(v...);
}

/// Loads, stores and constants of L lanes of any type beside Widest, the widest type at hand.
template <class Target, class Widest, std::size_t L>
struct lanes {
    static constexpr std::size_t count = L;
    static constexpr std::size_t widest_bytes = sizeof(Widest);
    using target_type = Target;
    // Masks are those of the widest type; bool alone goes as bytes.
    using mask_element = std::conditional_t<std::same_as<Widest, bool>, std::uint8_t, Widest>;
    using arch = arch_of_bytes<std::min(widest_register<Target>, L * sizeof(Widest))>;

    template <class T>
    using carrier_of = std::conditional_t<std::same_as<T, bool>, mask_of<mask_element, arch, L>,
                                          batch_of<std::conditional_t<std::same_as<T, bool>, mask_element, T>, arch, L>>;
    template <class T>
    using lane_type = lane<carrier_of<T>>;

    template <class T>
    [[gnu::always_inline]] static auto load(const T* from) noexcept {
        if constexpr (half<T>) return fixed::load_half<lanes>(from);
        else if constexpr (is_complex<T>) return fixed::load_complex<lanes>(from);
        else return lane_type<T>(carrier<carrier_of<T>>::load(from));
    }
    template <class T>
    [[gnu::always_inline]] static lane_type<T> constant(T x) noexcept {
        return lane_type<T>(carrier<carrier_of<T>>::constant(x));
    }
    template <class T, class V>
    [[gnu::always_inline]] static void store(T* to, V v) noexcept {
        if constexpr (half<T>) fixed::store_half<lanes>(to, v);
        else if constexpr (is_complex<T>) fixed::store_complex<lanes>(to, v);
        else carrier<typename V::carrier_type>::store(to, v.raw());
    }
};

/// The same for one element.
template <class Target, class Widest>
struct lanes<Target, Widest, 1> {
    static constexpr std::size_t count = 1;
    static constexpr std::size_t widest_bytes = sizeof(Widest);
    using target_type = Target;
    template <class T>
    using lane_type = lane<element_value<T, Target>>;
    template <class T>
    [[gnu::always_inline]] static auto load(const T* from) noexcept {
        if constexpr (half<T>) return fixed::load_half<lanes>(from);
        else if constexpr (is_complex<T>) return fixed::load_complex<lanes>(from);
        else return lane_type<T>(element_value<T, Target>{*from});
    }
    template <class T>
    [[gnu::always_inline]] static lane_type<T> constant(T x) noexcept {
        return lane_type<T>(element_value<T, Target>{x});
    }
    template <class T, class V>
    [[gnu::always_inline]] static void store(T* to, V v) noexcept {
        if constexpr (half<T>) fixed::store_half<lanes>(to, v);
        else if constexpr (is_complex<T>) fixed::store_complex<lanes>(to, v);
        else *to = v.raw().value;
    }
};

/// The wider of two element types; of equal ones the first, unless it is bool, which has no registers of its own.
template <class A, class B>
using wider_type = std::conditional_t<(sizeof(A) > sizeof(B) || (sizeof(A) == sizeof(B) && !std::same_as<A, bool>)), A, B>;

}  // namespace sinter::inline v1::detail::fixed
