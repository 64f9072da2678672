#pragma once

#include <sinter/detail/batch_convert.hpp>
#include <sinter/detail/operations.hpp>

// Lanes over xsimd: one register of T, as many lanes of another type beside it, and the masks of both. A mask remembers the
// type that it was compared from; it is converted where it meets lanes of another width.

namespace sinter::inline v1 {
namespace detail {

/// L lanes of T.
template <class T, class A, std::size_t L>
struct batch_carrier {
    using batch = batch_of<T, A, L>;
    using mask = mask_of<T, A, L>;
    using ops = batch_ops<T, A>;
    using value_type = T;
    template <class U>
    using rebind = typename std::conditional_t<std::same_as<U, bool>, std::type_identity<mask>,
                                               std::type_identity<batch_of<std::conditional_t<std::same_as<U, bool>, T, U>, A, L>>>::type;
    static constexpr bool expands = true;
    static constexpr std::size_t lanes = L;

    [[gnu::always_inline]] static batch constant(T x) noexcept {
        return detail::build<batch>([&]<std::size_t K>() __attribute__((always_inline)) { return xsimd::batch<T, A>(x); });
    }

    template <class Op, class... B>
    [[gnu::always_inline]] static auto apply(B... b) noexcept {
        return map<Op>(fit(b)...);
    }

    template <class U>
    [[gnu::always_inline]] static rebind<U> convert(const batch& b) noexcept {
        if constexpr (std::same_as<U, bool>) return apply<op::not_equal>(b, constant(T(0)));
        else return detail::convert_batch<U, T, A, L>(b);
    }
    template <class U>
    [[gnu::always_inline]] static rebind<U> bitcast(const batch& b) noexcept {
        static_assert(sizeof(U) == sizeof(T));
        if constexpr (std::same_as<U, bool>) return convert<bool>(b);
        else return detail::reinterpret<U, T, A, L>(b);
    }
    [[gnu::always_inline]] static batch lookup(const batch& b, const table_of<T>& table) noexcept
        requires std::floating_point<T>
    {
        return detail::build<batch>([&]<std::size_t K>() __attribute__((always_inline)) { return ops::lookup(detail::part_of<K>(b), table); });
    }

    /// L elements that need no alignment.
    [[gnu::always_inline]] static batch load(const T* from) noexcept {
        if constexpr (L < ops::size) {
            return load_part(from, L);
        } else {
            return detail::build<batch>([&]<std::size_t K>() __attribute__((always_inline)) {
                return xsimd::batch<T, A>::load_unaligned(from + K * ops::size);
            });
        }
    }
    [[gnu::always_inline]] static void store(T* to, const batch& b) noexcept {
        if constexpr (L < ops::size) {
            store_part(to, b, L);
        } else {
            [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
                (detail::part_of<K>(b).store_unaligned(to + K * ops::size), ...);
            }(std::make_index_sequence<batch_count<T, A, L>>{});
        }
    }
    /// The first n elements, n <= L; the other lanes are 0, and not stored.
    [[gnu::always_inline]] static batch load_part(const T* from, std::size_t n) noexcept {
        alignas(64) T whole[batch_count<T, A, L> * ops::size] = {};
        __builtin_memcpy(whole, from, n * sizeof(T));
        return detail::build<batch>([&]<std::size_t K>() __attribute__((always_inline)) {
            return xsimd::batch<T, A>::load_aligned(whole + K * ops::size);
        });
    }
    [[gnu::always_inline]] static void store_part(T* to, const batch& b, std::size_t n) noexcept {
        alignas(64) T whole[batch_count<T, A, L> * ops::size];
        [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            (detail::part_of<K>(b).store_aligned(whole + K * ops::size), ...);
        }(std::make_index_sequence<batch_count<T, A, L>>{});
        __builtin_memcpy(to, whole, n * sizeof(T));
    }

private:
    template <class B>
    [[gnu::always_inline]] static auto fit(const B& b) noexcept {
        if constexpr (batch_traits<B>::is_mask) return detail::convert_mask<mask>(b);
        else return b;
    }
    template <class Op, class... B>
    [[gnu::always_inline]] static auto map(const B&... b) noexcept {
        using part = decltype(ops::apply(Op{}, detail::part_of<0>(b)...));
        return detail::build<std::conditional_t<batch_traits<part>::is_mask, mask, batch>>(
            [&]<std::size_t K>() __attribute__((always_inline)) { return ops::apply(Op{}, detail::part_of<K>(b)...); });
    }
};

/// L lanes of bool, as they were compared from L lanes of T.
template <class T, class A, std::size_t L>
struct mask_carrier {
    using mask = mask_of<T, A, L>;
    using value_type = bool;
    template <class U>
    using rebind = typename std::conditional_t<std::same_as<U, bool>, std::type_identity<mask>,
                                               std::type_identity<batch_of<std::conditional_t<std::same_as<U, bool>, T, U>, A, L>>>::type;
    static constexpr bool expands = true;
    static constexpr std::size_t lanes = L;

    [[gnu::always_inline]] static mask constant(bool x) noexcept {
        return detail::build<mask>([&]<std::size_t K>() __attribute__((always_inline)) { return xsimd::batch_bool<T, A>(x); });
    }

    template <class Op, class... M>
    [[gnu::always_inline]] static mask apply(const M&... m) noexcept {
        return detail::build<mask>([&]<std::size_t K>() __attribute__((always_inline)) {
            return one(Op{}, detail::part_of<K>(detail::convert_mask<mask>(m))...);
        });
    }

    [[gnu::always_inline]] static bool any(const mask& m) noexcept {
        return [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            return (xsimd::any(detail::part_of<K>(m)) || ...);
        }(std::make_index_sequence<batch_count<T, A, L>>{});
    }

    template <class U>
    [[gnu::always_inline]] static rebind<U> convert(const mask& m) noexcept {
        using to = batch_carrier<U, A, L>;
        return to::template apply<op::select>(m, to::constant(U(1)), to::constant(U(0)));
    }
    template <class U>
    [[gnu::always_inline]] static rebind<U> bitcast(const mask& m) noexcept {
        static_assert(sizeof(U) == 1);
        return convert<U>(m);
    }

    /// L bools that need no alignment.
    [[gnu::always_inline]] static mask load(const bool* from) noexcept {
        return of_bytes(bytes::load(reinterpret_cast<const std::uint8_t*>(from)));
    }
    [[gnu::always_inline]] static void store(bool* to, const mask& m) noexcept {
        bytes::store(reinterpret_cast<std::uint8_t*>(to), convert<std::uint8_t>(m));
    }
    /// The first n, n <= L.
    [[gnu::always_inline]] static mask load_part(const bool* from, std::size_t n) noexcept {
        return of_bytes(bytes::load_part(reinterpret_cast<const std::uint8_t*>(from), n));
    }
    [[gnu::always_inline]] static void store_part(bool* to, const mask& m, std::size_t n) noexcept {
        bytes::store_part(reinterpret_cast<std::uint8_t*>(to), convert<std::uint8_t>(m), n);
    }

private:
    using bytes = batch_carrier<std::uint8_t, A, L>;
    using M = xsimd::batch_bool<T, A>;

    [[gnu::always_inline]] static mask of_bytes(const typename bytes::batch& b) noexcept {
        return detail::convert_mask<mask>(bytes::template convert<bool>(b));
    }

    // Arithmetic on bool is that of integers, then "is not zero".
    [[gnu::always_inline]] static M one(op::add, M a, M b) noexcept { return a | b; }
    [[gnu::always_inline]] static M one(op::subtract, M a, M b) noexcept { return differ(a, b); }
    [[gnu::always_inline]] static M one(op::multiply, M a, M b) noexcept { return a & b; }
    [[gnu::always_inline]] static M one(op::divide, M a, M) noexcept { return a; }
    [[gnu::always_inline]] static M one(op::negative, M a) noexcept { return a; }
    [[gnu::always_inline]] static M one(op::abs, M a) noexcept { return a; }
    [[gnu::always_inline]] static M one(op::fma, M a, M b, M c) noexcept { return (a & b) | c; }
    [[gnu::always_inline]] static M one(op::fms, M a, M b, M c) noexcept { return differ(a & b, c); }
    [[gnu::always_inline]] static M one(op::fnma, M a, M b, M c) noexcept { return differ(a & b, c); }
    [[gnu::always_inline]] static M one(op::less, M a, M b) noexcept { return ~a & b; }
    [[gnu::always_inline]] static M one(op::less_equal, M a, M b) noexcept { return ~a | b; }
    [[gnu::always_inline]] static M one(op::equal, M a, M b) noexcept { return ~differ(a, b); }
    [[gnu::always_inline]] static M one(op::not_equal, M a, M b) noexcept { return differ(a, b); }
    [[gnu::always_inline]] static M one(op::lesser, M a, M b) noexcept { return a & b; }
    [[gnu::always_inline]] static M one(op::larger, M a, M b) noexcept { return a | b; }
    [[gnu::always_inline]] static M one(op::bitwise_and, M a, M b) noexcept { return a & b; }
    [[gnu::always_inline]] static M one(op::bitwise_or, M a, M b) noexcept { return a | b; }
    [[gnu::always_inline]] static M one(op::bitwise_xor, M a, M b) noexcept { return differ(a, b); }
    [[gnu::always_inline]] static M one(op::bitwise_not, M a) noexcept { return ~a; }
    [[gnu::always_inline]] static M one(op::left_shift, M a, M) noexcept { return a; }
    [[gnu::always_inline]] static M one(op::right_shift, M a, M b) noexcept { return a & ~b; }
    [[gnu::always_inline]] static M one(op::select, M c, M a, M b) noexcept { return (c & a) | (~c & b); }
    [[gnu::always_inline]] static M differ(M a, M b) noexcept { return (a & ~b) | (~a & b); }
};

template <class T, class A>
struct carrier<xsimd::batch<T, A>> : batch_carrier<T, A, xsimd::batch<T, A>::size> {};
template <class T, class A, std::size_t L>
struct carrier<batch_pack<T, A, L>> : batch_carrier<T, A, L> {};
template <class T, class A>
struct carrier<xsimd::batch_bool<T, A>> : mask_carrier<T, A, xsimd::batch<T, A>::size> {};
template <class T, class A, std::size_t L>
struct carrier<mask_pack<T, A, L>> : mask_carrier<T, A, L> {};

/// A lane of masks, which takes masks of other lane widths too.
template <class M>
class mask_lane {
public:
    using carrier_type = M;
    using value_type = bool;

    explicit mask_lane(M raw) noexcept : raw_(raw) {}   // braces would ask xsimd for a list of bools
    template <class S>
        requires std::is_arithmetic_v<S>
    mask_lane(S literal) noexcept : raw_(carrier<M>::constant(static_cast<bool>(literal))) {
        static_assert(check_literal<bool, S>());
    }

    /// The carrier. Not for user code.
    [[nodiscard]] M raw() const noexcept { return raw_; }

private:
    M raw_;
};

template <class M, class Other>
concept other_mask = !std::same_as<M, Other> && batch_traits<Other>::is_mask && batch_traits<M>::lanes == batch_traits<Other>::lanes;

}  // namespace detail

template <class T, class A>
class lane<xsimd::batch_bool<T, A>> : public detail::mask_lane<xsimd::batch_bool<T, A>> {
public:
    using detail::mask_lane<xsimd::batch_bool<T, A>>::mask_lane;
    template <detail::other_mask<xsimd::batch_bool<T, A>> M>
    lane(lane<M> other) noexcept : lane(detail::convert_mask<xsimd::batch_bool<T, A>>(other.raw())) {}
};

template <class T, class A, std::size_t L>
class lane<detail::mask_pack<T, A, L>> : public detail::mask_lane<detail::mask_pack<T, A, L>> {
public:
    using detail::mask_lane<detail::mask_pack<T, A, L>>::mask_lane;
    template <detail::other_mask<detail::mask_pack<T, A, L>> M>
    lane(lane<M> other) noexcept : lane(detail::convert_mask<detail::mask_pack<T, A, L>>(other.raw())) {}
};

}  // namespace sinter::inline v1
