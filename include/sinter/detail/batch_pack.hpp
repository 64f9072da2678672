#pragma once

#include <sinter/detail/batch_registers.hpp>

// L lanes of any element type, beside the L lanes that one register of another type has: several registers, or the first lanes of
// one. Lanes past L hold anything.

namespace sinter::inline v1::detail {

/// Registers of T that hold L lanes.
template <class T, class A, std::size_t L>
inline constexpr std::size_t batch_count = L > xsimd::batch<T, A>::size ? L / xsimd::batch<T, A>::size : 1;

template <class T, class A, std::size_t L>
struct batch_pack {
    xsimd::batch<T, A> part[batch_count<T, A, L>];
};
template <class T, class A, std::size_t L>
struct mask_pack {
    xsimd::batch_bool<T, A> part[batch_count<T, A, L>];
};

/// The carrier of L lanes of T, and its mask. One whole register is xsimd's own.
template <class T, class A, std::size_t L>
using batch_of = std::conditional_t<L == xsimd::batch<T, A>::size, xsimd::batch<T, A>, batch_pack<T, A, L>>;
template <class T, class A, std::size_t L>
using mask_of = std::conditional_t<L == xsimd::batch<T, A>::size, xsimd::batch_bool<T, A>, mask_pack<T, A, L>>;

template <class B>
struct batch_traits;
template <class T, class A, std::size_t L, bool Mask>
struct batch_traits_base {
    using element = T;   // of a mask: of the lanes that it was compared from
    using arch = A;
    static constexpr std::size_t lanes = L;
    static constexpr std::size_t count = batch_count<T, A, L>;
    static constexpr bool is_mask = Mask;
    using batch = batch_of<T, A, L>;
    using mask = mask_of<T, A, L>;
    using part = std::conditional_t<Mask, xsimd::batch_bool<T, A>, xsimd::batch<T, A>>;
};
template <class T, class A>
struct batch_traits<xsimd::batch<T, A>> : batch_traits_base<T, A, xsimd::batch<T, A>::size, false> {};
template <class T, class A>
struct batch_traits<xsimd::batch_bool<T, A>> : batch_traits_base<T, A, xsimd::batch<T, A>::size, true> {};
template <class T, class A, std::size_t L>
struct batch_traits<batch_pack<T, A, L>> : batch_traits_base<T, A, L, false> {};
template <class T, class A, std::size_t L>
struct batch_traits<mask_pack<T, A, L>> : batch_traits_base<T, A, L, true> {};

/// The K-th register.
template <std::size_t K, class B>
[[gnu::always_inline]] inline auto part_of(const B& b) noexcept {
    if constexpr (requires { b.part; }) return b.part[K];
    else return b;
}

/// The carrier B whose K-th register is f.operator()<K>().
template <class B, class F>
[[gnu::always_inline]] inline B build(F f) noexcept {
    return [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
        if constexpr (requires(B b) { b.part; }) return B{{f.template operator()<K>()...}};
        else return f.template operator()<0>();
    }(std::make_index_sequence<batch_traits<B>::count>{});
}

/// Whether narrowing must wrap, or values are known to fit: the signed type of that width, or unsigned bytes.
enum class narrowing : std::uint8_t { wraps, fits_signed, fits_bytes };

/// Two registers of integers to one of half the width.
template <narrowing Range, class To, class V>
[[gnu::always_inline]] inline To narrow_registers(V low, V high) noexcept {
#if defined(__SSE2__)
    if constexpr (sizeof(V) == 16 && sizeof(low[0]) == 4) {
        if constexpr (Range == narrowing::wraps) return (To)_mm_packs_epi32((__m128i)((low << 16) >> 16), (__m128i)((high << 16) >> 16));
        else return (To)_mm_packs_epi32((__m128i)low, (__m128i)high);
    } else if constexpr (sizeof(V) == 16 && sizeof(low[0]) == 2) {
        if constexpr (Range == narrowing::fits_signed) return (To)_mm_packs_epi16((__m128i)low, (__m128i)high);
        else if constexpr (Range == narrowing::fits_bytes) return (To)_mm_packus_epi16((__m128i)low, (__m128i)high);
        else return (To)_mm_packus_epi16((__m128i)(low & 0xff), (__m128i)(high & 0xff));
    } else
#endif
#if defined(__AVX2__)
        if constexpr (sizeof(V) == 32 && sizeof(low[0]) <= 4) {
        __m256i packed;
        if constexpr (sizeof(low[0]) == 4) {
            if constexpr (Range == narrowing::wraps) packed = _mm256_packs_epi32((__m256i)((low << 16) >> 16), (__m256i)((high << 16) >> 16));
            else packed = _mm256_packs_epi32((__m256i)low, (__m256i)high);
        } else {
            if constexpr (Range == narrowing::fits_signed) packed = _mm256_packs_epi16((__m256i)low, (__m256i)high);
            else if constexpr (Range == narrowing::fits_bytes) packed = _mm256_packus_epi16((__m256i)low, (__m256i)high);
            else packed = _mm256_packus_epi16((__m256i)(low & 0xff), (__m256i)(high & 0xff));
        }
        return (To)_mm256_permute4x64_epi64(packed, 0xd8);   // packing stays within halves of 16 bytes
    } else
#endif
    {
        using half = native_vector_t<std::remove_cvref_t<decltype(To{}[0])>, sizeof(V) / 2>;
        return join(__builtin_convertvector(low, half), __builtin_convertvector(high, half));
    }
}

/// Lanes of T as lanes of U, twice as wide: the value of each.
template <class U, class T, class A, std::size_t L, class B>
[[gnu::always_inline]] inline batch_of<U, A, L> widen(const B& b) noexcept {
    using from = batch_ops<T, A>;
    using to = batch_ops<U, A>;
    return build<batch_of<U, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) {
        return to::from_native(__builtin_convertvector(half_of<K % 2>(from::native(part_of<K / 2>(b))), typename to::vec));
    });
}

/// Lanes of T as lanes of U, half as wide.
template <class U, narrowing Range, class T, class A, std::size_t L, class B>
[[gnu::always_inline]] inline batch_of<U, A, L> narrow(const B& b) noexcept {
    using from = batch_ops<T, A>;
    using to = batch_ops<U, A>;
    constexpr std::size_t last = batch_count<T, A, L> - 1;
    return build<batch_of<U, A, L>>([&]<std::size_t K>() __attribute__((always_inline)) {
        constexpr std::size_t low = 2 * K;
        constexpr std::size_t high = low < last ? low + 1 : last;
        if constexpr (std::integral<T> && std::integral<U>) {
            // The sign of the type does not matter to the bits that are kept.
            return to::from_native(narrow_registers<Range, typename to::vec>(from::template native<typename from::ivec>(part_of<low>(b)),
                                                                            from::template native<typename from::ivec>(part_of<high>(b))));
        } else {
            using half = native_vector_t<U, from::bytes / 2>;
            return to::from_native(join(__builtin_convertvector(from::native(part_of<low>(b)), half),
                                        __builtin_convertvector(from::native(part_of<high>(b)), half)));
        }
    });
}

}  // namespace sinter::inline v1::detail
