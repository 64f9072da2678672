#pragma once

#include <sinter/detail/batch_pack.hpp>

namespace sinter::inline v1::detail {

/// Toward zero as int32; out of range and NaN give the lowest value, as the instruction does.
template <class T, class A, std::size_t L, class B>
[[gnu::always_inline]] inline batch_of<std::int32_t, A, L> truncate_lanes(const B& b) noexcept {
    using to = batch_ops<std::int32_t, A>;
    return build<batch_of<std::int32_t, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) {
        if constexpr (std::same_as<T, float>) {
            const auto r = part_of<K>(b).data;
#if defined(__SSE2__)
            if constexpr (to::bytes == 16) return to::from_native(_mm_cvttps_epi32(r));
#endif
#if defined(__AVX__)
            if constexpr (to::bytes == 32) return to::from_native(_mm256_cvttps_epi32(r));
#endif
#if defined(__AVX512F__)
            if constexpr (to::bytes == 64) return to::from_native(_mm512_maskz_cvttps_epi32(0xffff, r));
#endif
        } else {
            constexpr std::size_t last = batch_count<T, A, L> - 1;
            const auto low = part_of<2 * K>(b).data;
            const auto high = part_of<(2 * K < last ? 2 * K + 1 : last)>(b).data;
            // The instruction gives half a register. (The forms with a mask do not start from an undefined value, which g++ 12 warns of.)
#if defined(__SSE2__)
            if constexpr (to::bytes == 16) {
                return to::from_native(_mm_unpacklo_epi64(_mm_cvttpd_epi32(low), _mm_cvttpd_epi32(high)));
            }
#endif
#if defined(__AVX__)
            if constexpr (to::bytes == 32) {
                return to::from_native(_mm256_insertf128_si256(_mm256_castsi128_si256(_mm256_cvttpd_epi32(low)), _mm256_cvttpd_epi32(high), 1));
            }
#endif
#if defined(__AVX512F__)
            if constexpr (to::bytes == 64) {
                return to::from_native(
                    _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_maskz_cvttpd_epi32(0xff, low)), _mm512_maskz_cvttpd_epi32(0xff, high), 1));
            }
#endif
        }
    });
}

/// f of each lane in turn.
template <class U, class T, class A, std::size_t L, class B, class F>
[[gnu::always_inline]] inline batch_of<U, A, L> convert_each(const B& b, F f) noexcept {
    using from = xsimd::batch<T, A>;
    using to = xsimd::batch<U, A>;
    constexpr std::size_t in_count = batch_count<T, A, L>, out_count = batch_count<U, A, L>;
    alignas(64) T in[in_count * from::size];
    alignas(64) U out[out_count * to::size] = {};
    [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) { (part_of<K>(b).store_aligned(in + K * from::size), ...); }
    (std::make_index_sequence<in_count>{});
    for (std::size_t i = 0; i < L; ++i) out[i] = f(in[i]);
    return build<batch_of<U, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) { return to::load_aligned(out + K * to::size); });
}

/// The same registers read as U, which is as wide.
template <class U, class T, class A, std::size_t L, class B>
[[gnu::always_inline]] inline batch_of<U, A, L> reinterpret(const B& b) noexcept {
    return build<batch_of<U, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) {
        return batch_ops<U, A>::from_native(batch_ops<T, A>::native(part_of<K>(b)));
    });
}

/// L lanes of T to integers of another width or sign. Range: see narrow.
template <class U, narrowing Range, class T, class A, std::size_t L, class B>
[[gnu::always_inline]] inline batch_of<U, A, L> convert_integers(const B& b) noexcept {
    if constexpr (sizeof(T) == sizeof(U)) {
        return reinterpret<U, T, A, L>(b);
    } else {
        constexpr std::size_t size = sizeof(T) < sizeof(U) ? 2 * sizeof(T) : sizeof(T) / 2;
        using next_signed = typename integer_of_size<size>::type;
        using next = std::conditional_t<std::is_signed_v<T>, next_signed, std::make_unsigned_t<next_signed>>;
        if constexpr (sizeof(T) < sizeof(U)) {
            return convert_integers<U, Range, next, A, L>(widen<next, T, A, L>(b));
        } else {
            constexpr narrowing step = Range == narrowing::fits_bytes && size > 1 ? narrowing::fits_signed : Range;
            constexpr narrowing rest = Range;
            return convert_integers<U, rest, next, A, L>(narrow<next, step, T, A, L>(b));
        }
    }
}

/// Converts the values of L lanes, as cast does. Neither type is bool.
template <class U, class T, class A, std::size_t L, class B>
[[gnu::always_inline]] inline batch_of<U, A, L> convert_batch(const B& b) noexcept {
    using from = batch_ops<T, A>;
    using to = batch_ops<U, A>;
    if constexpr (std::same_as<U, T>) {
        return b;
    } else if constexpr (std::integral<T> && std::integral<U>) {
        return convert_integers<U, narrowing::wraps, T, A, L>(b);
    } else if constexpr (std::floating_point<T> && std::floating_point<U>) {
        if constexpr (sizeof(T) < sizeof(U))
            return widen<U, T, A, L>(b);
        else
            return narrow<U, narrowing::wraps, T, A, L>(b);
    } else if constexpr (std::integral<T>) {
        if constexpr (sizeof(T) < 4) {
            return convert_batch<U, std::int32_t, A, L>(convert_integers<std::int32_t, narrowing::wraps, T, A, L>(b));
        } else if constexpr (sizeof(T) < sizeof(U)) {
            return widen<U, T, A, L>(b);
        } else if constexpr (sizeof(T) > sizeof(U)) {
            return narrow<U, narrowing::wraps, T, A, L>(b);
        } else {
            return build<batch_of<U, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) {
                return to::from_native(__builtin_convertvector(from::native(part_of<K>(b)), typename to::vec));
            });
        }
    } else {
#if defined(__SSE2__)
        if constexpr (std::same_as<U, std::int32_t>) {
            return truncate_lanes<T, A, L>(b);
        } else if constexpr (sizeof(U) < 4) {
            using limits = std::numeric_limits<U>;
            using ints = batch_ops<std::int32_t, A>;
            const auto whole = truncate_lanes<T, A, L>(b);
            const auto inside = build<batch_of<std::int32_t, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) {
                const auto x = part_of<K>(whole);
                const xsimd::batch<std::int32_t, A> low(limits::lowest()), high(limits::max());
                const auto bounded = ints::apply(op::select{}, ints::apply(op::less{}, high, x), low, x);
                return ints::apply(op::select{}, ints::apply(op::less{}, x, low), low, bounded);
            });
            constexpr narrowing fits = std::same_as<U, std::uint16_t>  ? narrowing::wraps
                                       : std::same_as<U, std::uint8_t> ? narrowing::fits_bytes
                                                                       : narrowing::fits_signed;
            return convert_integers<U, fits, std::int32_t, A, L>(inside);
        } else
#endif
        {
            return convert_each<U, T, A, L>(
                b, [](T x) __attribute__((always_inline)) { return truncate_to<U>(x); });
        }
    }
}

/// A mask of as many lanes of another type.
template <class To, class From>
[[gnu::always_inline]] inline To convert_mask(const From& m) noexcept {
    using from = batch_traits<From>;
    using to = batch_traits<To>;
    using A = typename from::arch;
    static_assert(from::lanes == to::lanes);
    using from_ops = batch_ops<typename from::element, A>;
    using to_ops = batch_ops<typename to::element, A>;
    if constexpr (std::same_as<To, From>) {
        return m;
    } else if constexpr (from_ops::bit_masks) {
        using bits = typename xsimd::batch_bool<typename to::element, A>::register_type;
        const std::uint64_t all = [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
            return ((static_cast<std::uint64_t>(part_of<K>(m).data) << (K * from_ops::size)) | ...);
        }
        (std::make_index_sequence<from::count>{});
        return build<To>([&]<std::size_t K>() __attribute__((always_inline)) {
            return xsimd::batch_bool<typename to::element, A>(static_cast<bits>(all >> (K * to_ops::size)));
        });
    } else {
        // A vector mask is a vector of the integers 0 and -1.
        using from_int = signed_as<typename from::element>;
        using to_int = signed_as<typename to::element>;
        const auto in = build<batch_of<from_int, A, from::lanes>>([&]<std::size_t K>() __attribute__((always_inline)) {
            return batch_ops<from_int, A>::from_native(part_of<K>(m).data);
        });
        const auto out = convert_integers<to_int, narrowing::fits_signed, from_int, A, from::lanes>(in);
        return build<To>([&]<std::size_t K>() __attribute__((always_inline)) { return to_ops::mask_from_native(part_of<K>(out).data); });
    }
}

}  // namespace sinter::inline v1::detail
