#pragma once

#include <sinter/detail/lookup.hpp>
#include <sinter/detail/primitives.hpp>

// g++ 12 takes the undefined registers in its own header for a mistake (GCC bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <utility>

// One register: the primitives that xsimd lacks, or has with another meaning. Everything is inlined always, so that no code made
// for one instruction set can be taken for another's by the linker.

namespace sinter::inline v1::detail {

/// The compiler's own vector of T, for what xsimd does not offer. Casts between these and xsimd's registers keep the bits.
template <class T, std::size_t Bytes>
struct native_vector {
    using type [[gnu::vector_size(Bytes)]] = T;
};
template <class T, std::size_t Bytes>
using native_vector_t = typename native_vector<T, Bytes>::type;

/// Half H of the lanes of a register, and two halves put together.
template <std::size_t H, class V>
[[gnu::always_inline]] inline auto half_of(V v) noexcept {
    constexpr std::size_t n = sizeof(V) / sizeof(v[0]) / 2;
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        return __builtin_shufflevector(v, v, (H * n + I)...);
    }(std::make_index_sequence<n>{});
}
template <class V>
[[gnu::always_inline]] inline auto join(V low, V high) noexcept {
    constexpr std::size_t n = sizeof(V) / sizeof(low[0]);
    return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        return __builtin_shufflevector(low, high, I...);
    }(std::make_index_sequence<2 * n>{});
}

template <std::size_t Size>
struct integer_of_size;
template <>
struct integer_of_size<1> { using type = std::int8_t; };
template <>
struct integer_of_size<2> { using type = std::int16_t; };
template <>
struct integer_of_size<4> { using type = std::int32_t; };
template <>
struct integer_of_size<8> { using type = std::int64_t; };

/// The signed and the unsigned integer as wide as T.
template <class T>
using signed_as = typename integer_of_size<sizeof(T)>::type;
template <class T>
using unsigned_as = std::make_unsigned_t<signed_as<T>>;

/// The value toward zero; out of range and NaN give the lowest value.
template <std::integral U, std::floating_point T>
[[gnu::always_inline]] constexpr U truncate_to(T x) noexcept {
    constexpr T low = static_cast<T>(std::numeric_limits<U>::lowest());
    constexpr T past = static_cast<T>(std::numeric_limits<U>::max() / 2 + 1) * T(2);
    const bool fits = std::unsigned_integral<U> ? (x > T(-1) && x < past) : (x >= low && x < past);
    return fits ? static_cast<U>(x) : std::numeric_limits<U>::lowest();
}

/// Multiplication and addition with one rounding, in hardware.
namespace fused {
#if defined(__FMA__)
[[gnu::always_inline]] inline __m128 fma(__m128 a, __m128 b, __m128 c) noexcept { return _mm_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m128 fms(__m128 a, __m128 b, __m128 c) noexcept { return _mm_fmsub_ps(a, b, c); }
[[gnu::always_inline]] inline __m128 fnma(__m128 a, __m128 b, __m128 c) noexcept { return _mm_fnmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m128d fma(__m128d a, __m128d b, __m128d c) noexcept { return _mm_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m128d fms(__m128d a, __m128d b, __m128d c) noexcept { return _mm_fmsub_pd(a, b, c); }
[[gnu::always_inline]] inline __m128d fnma(__m128d a, __m128d b, __m128d c) noexcept { return _mm_fnmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m256 fma(__m256 a, __m256 b, __m256 c) noexcept { return _mm256_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m256 fms(__m256 a, __m256 b, __m256 c) noexcept { return _mm256_fmsub_ps(a, b, c); }
[[gnu::always_inline]] inline __m256 fnma(__m256 a, __m256 b, __m256 c) noexcept { return _mm256_fnmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m256d fma(__m256d a, __m256d b, __m256d c) noexcept { return _mm256_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m256d fms(__m256d a, __m256d b, __m256d c) noexcept { return _mm256_fmsub_pd(a, b, c); }
[[gnu::always_inline]] inline __m256d fnma(__m256d a, __m256d b, __m256d c) noexcept { return _mm256_fnmadd_pd(a, b, c); }
#endif
#if defined(__AVX512F__)
[[gnu::always_inline]] inline __m512 fma(__m512 a, __m512 b, __m512 c) noexcept { return _mm512_fmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m512 fms(__m512 a, __m512 b, __m512 c) noexcept { return _mm512_fmsub_ps(a, b, c); }
[[gnu::always_inline]] inline __m512 fnma(__m512 a, __m512 b, __m512 c) noexcept { return _mm512_fnmadd_ps(a, b, c); }
[[gnu::always_inline]] inline __m512d fma(__m512d a, __m512d b, __m512d c) noexcept { return _mm512_fmadd_pd(a, b, c); }
[[gnu::always_inline]] inline __m512d fms(__m512d a, __m512d b, __m512d c) noexcept { return _mm512_fmsub_pd(a, b, c); }
[[gnu::always_inline]] inline __m512d fnma(__m512d a, __m512d b, __m512d c) noexcept { return _mm512_fnmadd_pd(a, b, c); }
#endif
// Overloads that nothing calls, so that the names exist where the hardware lacks the instructions.
struct none {};
void fma(none, none, none);
void fms(none, none, none);
void fnma(none, none, none);
}  // namespace fused

template <class T, class A>
struct batch_ops {
    using batch = xsimd::batch<T, A>;
    using mask = xsimd::batch_bool<T, A>;
    using reg = typename batch::register_type;
    static constexpr std::size_t bytes = sizeof(reg);
    static constexpr std::size_t size = batch::size;

    using vec = native_vector_t<T, bytes>;
    using ivec = native_vector_t<signed_as<T>, bytes>;
    using uvec = native_vector_t<unsigned_as<T>, bytes>;

    /// Masks are bits, one a lane, and not vectors.
    static constexpr bool bit_masks = std::is_integral_v<typename mask::register_type>;

    static constexpr bool fuses = requires(batch a) { fused::fma(a.data, a.data, a.data); };

    template <class V = vec>
    [[gnu::always_inline]] static V native(batch a) noexcept { return (V)a.data; }
    template <class V>
    [[gnu::always_inline]] static batch from_native(V a) noexcept { return batch((reg)a); }
    template <class V>
    [[gnu::always_inline]] static mask mask_from_native(V a) noexcept { return mask((typename mask::register_type)a); }

    /// Lane by lane, for what vectors cannot do.
    template <class F, class... B>
    [[gnu::always_inline]] static batch each(F f, B... b) noexcept {
        alignas(bytes) T in[sizeof...(B)][size];
        alignas(bytes) T out[size];
        std::size_t at = 0;
        (b.store_aligned(in[at++]), ...);
        for (std::size_t i = 0; i < size; ++i) {
            out[i] = [&]<std::size_t... K>(std::index_sequence<K...>) __attribute__((always_inline)) {
                return f(in[K][i]...);
            }(std::index_sequence_for<B...>{});
        }
        return batch::load_aligned(out);
    }

    [[gnu::always_inline]] static batch lookup(batch x, const table_of<T>& table) noexcept
        requires std::floating_point<T>
    {
#if defined(__AVX512F__)
        if constexpr (bytes == 64 && sizeof(T) == 8) return batch(_mm512_permutexvar_pd(_mm512_castpd_si512(x.data), _mm512_load_pd(table.values)));
        else if constexpr (bytes == 64) return batch(_mm512_permutexvar_ps(_mm512_castps_si512(x.data), _mm512_load_ps(table.values)));
        else
#endif
#if defined(__AVX2__)
        if constexpr (bytes == 32 && sizeof(T) == 4) {
            return batch(_mm256_permutevar8x32_ps(_mm256_load_ps(table.values), _mm256_castps_si256(x.data)));
        } else if constexpr (bytes == 32) {
            // Numbers are pairs of 32 bits, of which a register holds four; the third bit says which four.
            const __m256i at = _mm256_castpd_si256(x.data), even = _mm256_shuffle_epi32(_mm256_slli_epi64(at, 1), 0xa0);
            const __m256i pair = _mm256_or_si256(even, _mm256_set1_epi64x(std::int64_t{1} << 32));
            const auto four = [&](const double* from) __attribute__((always_inline)) {
                return _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(_mm256_load_pd(from)), pair));
            };
            return batch(_mm256_blendv_pd(four(table.values), four(table.values + 4), _mm256_castsi256_pd(_mm256_slli_epi64(at, 61))));
        } else
#endif
            return each([&](T of) __attribute__((always_inline)) { return table.at(of); }, x);
    }

    [[gnu::always_inline]] static batch apply(op::add, batch a, batch b) noexcept {
        if constexpr (std::floating_point<T>) return a + b;
        else return from_native(native<uvec>(a) + native<uvec>(b));
    }
    [[gnu::always_inline]] static batch apply(op::subtract, batch a, batch b) noexcept {
        if constexpr (std::floating_point<T>) return a - b;
        else return from_native(native<uvec>(a) - native<uvec>(b));
    }
    [[gnu::always_inline]] static batch apply(op::multiply, batch a, batch b) noexcept {
        if constexpr (std::floating_point<T>) {
            batch product = a * b;
#if defined(__FMA__) || defined(__AVX512F__)
            // Compilers contract across statements: the sum that follows must not see where this value comes from.
            asm("" : "+v"(product.data));
#endif
            return product;
        } else {
            return from_native(native<uvec>(a) * native<uvec>(b));
        }
    }
    [[gnu::always_inline]] static batch apply(op::divide, batch a, batch b) noexcept {
        if constexpr (std::floating_point<T>) {
            return a / b;
        } else if constexpr (sizeof(T) <= 2) {
            return divide_narrow(a, b, std::make_index_sequence<4 / sizeof(T)>{});
#if defined(__SSE2__)
        } else if constexpr (sizeof(T) == 4) {
            return divide_in_double(a, b);
#endif
        } else {
            // Lanes past the end may hold zeros, which must not trap.
            return each([](T x, T y) __attribute__((always_inline)) {
                if constexpr (std::signed_integral<T>) {
                    if (y == T(-1)) return static_cast<T>(unsigned_as<T>(0) - static_cast<unsigned_as<T>>(x));
                }
                return static_cast<T>(x / (y == T(0) ? T(1) : y));
            }, a, b);
        }
    }
    [[gnu::always_inline]] static batch apply(op::negative, batch a) noexcept {
        if constexpr (std::floating_point<T>) return from_native(native<uvec>(a) ^ native<uvec>(batch(T(-0.0))));
        else return from_native(uvec{} - native<uvec>(a));
    }
    [[gnu::always_inline]] static batch apply(op::abs, batch a) noexcept {
        if constexpr (std::floating_point<T>) {
            return from_native(native<uvec>(a) & ~native<uvec>(batch(T(-0.0))));
        } else if constexpr (std::signed_integral<T>) {
            return apply(op::select{}, apply(op::less{}, a, batch(T(0))), apply(op::negative{}, a), a);
        } else {
            return a;
        }
    }

    [[gnu::always_inline]] static batch apply(op::fma, batch a, batch b, batch c) noexcept {
        if constexpr (!std::floating_point<T>) return apply(op::add{}, apply(op::multiply{}, a, b), c);
        else if constexpr (fuses) return batch(fused::fma(a.data, b.data, c.data));
        else return exact_fma(a, b, c);
    }
    [[gnu::always_inline]] static batch apply(op::fms, batch a, batch b, batch c) noexcept {
        if constexpr (!std::floating_point<T>) return apply(op::subtract{}, apply(op::multiply{}, a, b), c);
        else if constexpr (fuses) return batch(fused::fms(a.data, b.data, c.data));
        else return exact_fma(a, b, apply(op::negative{}, c));
    }
    [[gnu::always_inline]] static batch apply(op::fnma, batch a, batch b, batch c) noexcept {
        if constexpr (!std::floating_point<T>) return apply(op::subtract{}, c, apply(op::multiply{}, a, b));
        else if constexpr (fuses) return batch(fused::fnma(a.data, b.data, c.data));
        else return exact_fma(apply(op::negative{}, a), b, c);
    }

    // xsimd's != is false for NaN on some instruction sets; comparisons of the compiler's vectors are C's.
    [[gnu::always_inline]] static mask apply(op::less, batch a, batch b) noexcept {
        if constexpr (bit_masks) return a < b;
        else return mask_from_native(native(a) < native(b));
    }
    [[gnu::always_inline]] static mask apply(op::less_equal, batch a, batch b) noexcept {
        if constexpr (bit_masks) return a <= b;
        else return mask_from_native(native(a) <= native(b));
    }
    [[gnu::always_inline]] static mask apply(op::equal, batch a, batch b) noexcept {
        if constexpr (bit_masks) return a == b;
        else return mask_from_native(native(a) == native(b));
    }
    [[gnu::always_inline]] static mask apply(op::not_equal, batch a, batch b) noexcept {
        if constexpr (bit_masks) return ~(a == b);
        else return mask_from_native(native(a) != native(b));
    }
    [[gnu::always_inline]] static batch apply(op::lesser, batch a, batch b) noexcept {
        if constexpr (std::floating_point<T>) return xsimd::min(a, b);
        else return apply(op::select{}, apply(op::less{}, a, b), a, b);
    }
    [[gnu::always_inline]] static batch apply(op::larger, batch a, batch b) noexcept {
        if constexpr (std::floating_point<T>) return xsimd::max(a, b);
        else return apply(op::select{}, apply(op::less{}, b, a), a, b);
    }
    [[gnu::always_inline]] static batch apply(op::select, mask c, batch a, batch b) noexcept {
        if constexpr (bit_masks || std::floating_point<T>) return xsimd::select(c, a, b);
        else return from_native((ivec)c.data ? native(a) : native(b));
    }

    [[gnu::always_inline]] static batch apply(op::sqrt, batch a) noexcept { return xsimd::sqrt(a); }
    [[gnu::always_inline]] static batch apply(op::floor, batch a) noexcept {
        if constexpr (rounds) {
            return xsimd::floor(a);
        } else {
            const batch near = apply(op::rint{}, a);
            return with_sign(near - apply(op::select{}, apply(op::less{}, a, near), batch(T(1)), batch(T(0))), a);
        }
    }
    [[gnu::always_inline]] static batch apply(op::ceil, batch a) noexcept {
        if constexpr (rounds) {
            return xsimd::ceil(a);
        } else {
            const batch near = apply(op::rint{}, a);
            return with_sign(near + apply(op::select{}, apply(op::less{}, near, a), batch(T(1)), batch(T(0))), a);
        }
    }
    [[gnu::always_inline]] static batch apply(op::trunc, batch a) noexcept {
        if constexpr (rounds) return xsimd::trunc(a);
        else return with_sign(apply(op::floor{}, apply(op::abs{}, a)), a);
    }
    [[gnu::always_inline]] static batch apply(op::rint, batch a) noexcept {
        if constexpr (rounds) {
            return xsimd::nearbyint(a);
        } else {
            // Adding the first number that has no fraction rounds, in the mode that is set.
            const batch whole(T(1) / std::numeric_limits<T>::epsilon());
            const batch magnitude = apply(op::abs{}, a);
            batch near = magnitude + whole;
#if defined(__SSE2__)
            asm("" : "+x"(near.data));
#endif
            return apply(op::select{}, apply(op::less{}, magnitude, whole), with_sign(near - whole, a), a);
        }
    }

    [[gnu::always_inline]] static batch apply(op::bitwise_and, batch a, batch b) noexcept {
        return from_native(native<uvec>(a) & native<uvec>(b));
    }
    [[gnu::always_inline]] static batch apply(op::bitwise_or, batch a, batch b) noexcept {
        return from_native(native<uvec>(a) | native<uvec>(b));
    }
    [[gnu::always_inline]] static batch apply(op::bitwise_xor, batch a, batch b) noexcept {
        return from_native(native<uvec>(a) ^ native<uvec>(b));
    }
    [[gnu::always_inline]] static batch apply(op::bitwise_not, batch a) noexcept { return from_native(~native<uvec>(a)); }
    [[gnu::always_inline]] static batch apply(op::left_shift, batch a, batch b) noexcept {
        const uvec count = native<uvec>(b);
        const uvec last = uvec{} + static_cast<unsigned_as<T>>(8 * sizeof(T) - 1);
        return from_native((count <= last) & (ivec)(native<uvec>(a) << (count & last)));
    }
    [[gnu::always_inline]] static batch apply(op::right_shift, batch a, batch b) noexcept {
        const uvec count = native<uvec>(b);
        const uvec last = uvec{} + static_cast<unsigned_as<T>>(8 * sizeof(T) - 1);
        if constexpr (std::signed_integral<T>) {
            // The last count that is in range already leaves nothing but the sign.
            const uvec inside = (uvec)(count <= last);
            return from_native(native(a) >> (ivec)((count & inside) | (last & ~inside)));
        } else {
            return from_native((count <= last) & (ivec)(native<uvec>(a) >> (count & last)));
        }
    }

private:
    static constexpr bool rounds = std::is_base_of_v<xsimd::sse4_1, A> || std::is_base_of_v<xsimd::avx, A> ||
                                   std::is_base_of_v<xsimd::avx512f, A>;

    /// The elements of each 32-bit lane apart, as floats. A float's quotient of integers of at most 16 bits truncates to the exact one: it
    /// lies at least 1 / b, which is more than 2^-17 of it, below the next integer, or is that integer.
    template <std::size_t... K>
    [[gnu::always_inline]] static batch divide_narrow(batch a, batch b, std::index_sequence<K...>) noexcept {
        using words = native_vector_t<std::uint32_t, bytes>;
        using ints = native_vector_t<std::int32_t, bytes>;
        using floats = native_vector_t<float, bytes>;
        using extended = std::conditional_t<std::signed_integral<T>, ints, words>;
        constexpr int width = 8 * sizeof(T), rest = 32 - width;
        const auto part = [](words v, int n) __attribute__((always_inline)) { return (ints)((extended)(v << (rest - n * width)) >> rest); };
        const auto quotient = [&](int n) __attribute__((always_inline)) {
            const ints divisor = part(native<words>(b), n);
            // Lanes past the end may hold zeros.
            const floats q = __builtin_convertvector(part(native<words>(a), n), floats) / __builtin_convertvector(divisor - (divisor == 0), floats);
            return ((words)__builtin_convertvector(q, ints) & ((1U << width) - 1)) << (n * width);
        };
        return from_native((quotient(static_cast<int>(K)) | ...));
    }
#if defined(__SSE2__)
    /// Integers of 32 bits: a double holds every quotient closely enough for truncation to be exact.
    [[gnu::always_inline]] static batch divide_in_double(batch a, batch b) noexcept {
        using words = native_vector_t<std::uint32_t, bytes>;
        using ints = native_vector_t<std::int32_t, bytes>;
        using doubles = native_vector_t<double, bytes>;
        using longs = native_vector_t<std::int64_t, bytes>;
        constexpr bool is_signed = std::signed_integral<T>;
        constexpr std::uint32_t shift = is_signed ? 0 : 0x80000000U;
        const ints x = (ints)(native<words>(a) ^ shift), y = (ints)(native<words>(b) ^ shift);
        const auto number = [](auto half) __attribute__((always_inline)) {
            const doubles d = __builtin_convertvector(half, doubles);
            if constexpr (is_signed) return d;
            else return d + 0x1p31;
        };
        // Both halves' quotients, and where they were made smaller by 2^31 to be signed.
        doubles quotient[2];
        longs large[2] = {};
        [&]<std::size_t... H>(std::index_sequence<H...>) __attribute__((always_inline)) {
            const auto one = [&](auto dividend, auto divisor, std::size_t h) __attribute__((always_inline)) {
                // Lanes past the end may hold zeros.
                const doubles d = number(divisor), nonzero = (doubles)((longs)d | ((d == 0.0) & (longs)(doubles{} + 1.0)));
                quotient[h] = number(dividend) / nonzero;
                if constexpr (!is_signed) {
                    large[h] = (longs)(quotient[h] >= 0x1p31);
                    quotient[h] -= (doubles)(large[h] & (longs)(doubles{} + 0x1p31));
                }
            };
            (one(half_of<H>(x), half_of<H>(y), H), ...);
        }(std::make_index_sequence<2>{});
        const auto back = [](longs low, longs high) __attribute__((always_inline)) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
                return __builtin_shufflevector((words)low, (words)high, (2 * I)...);
            }(std::make_index_sequence<size>{});
        };
        const words whole = (words)truncated(quotient[0], quotient[1]);
        if constexpr (is_signed) return from_native(whole);
        else return from_native(whole ^ (back(large[0], large[1]) & shift));
    }
    template <class V>
    [[gnu::always_inline]] static reg truncated(V low, V high) noexcept {
        if constexpr (bytes == 16) return (reg)_mm_unpacklo_epi64(_mm_cvttpd_epi32((__m128d)low), _mm_cvttpd_epi32((__m128d)high));
#if defined(__AVX__)
        else if constexpr (bytes == 32) return (reg)join((native_vector_t<std::int64_t, 16>)_mm256_cvttpd_epi32((__m256d)low), (native_vector_t<std::int64_t, 16>)_mm256_cvttpd_epi32((__m256d)high));
#endif
#if defined(__AVX512F__)
        else if constexpr (bytes == 64) return (reg)join((native_vector_t<std::int64_t, 32>)_mm512_maskz_cvttpd_epi32(0xff, (__m512d)low), (native_vector_t<std::int64_t, 32>)_mm512_maskz_cvttpd_epi32(0xff, (__m512d)high));
#endif
    }
#endif
    [[gnu::always_inline]] static batch with_sign(batch magnitude, batch sign) noexcept {
        const uvec bit = native<uvec>(batch(T(-0.0)));
        return from_native((native<uvec>(magnitude) & ~bit) | (native<uvec>(sign) & bit));
    }

    /// Float: the product is exact in double; its sum with c is rounded to odd, so that rounding to float cannot round twice
    /// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008). Double: the C library, lane by lane.
    [[gnu::always_inline]] static batch exact_fma(batch a, batch b, batch c) noexcept {
        if constexpr (std::same_as<T, double>) {
            return each([](T x, T y, T z) __attribute__((always_inline)) { return __builtin_fma(x, y, z); }, a, b, c);
        } else {
            const vec x = native(a), y = native(b), z = native(c);
            return from_native(join(fma_in_double(half_of<0>(x), half_of<0>(y), half_of<0>(z)),
                                    fma_in_double(half_of<1>(x), half_of<1>(y), half_of<1>(z))));
        }
    }
    template <class Half>
    [[gnu::always_inline]] static Half fma_in_double(Half a, Half b, Half c) noexcept {
        using wide = native_vector_t<double, bytes>;
        using whole = native_vector_t<std::int64_t, bytes>;
        const wide z = __builtin_convertvector(c, wide);
        const wide product = __builtin_convertvector(a, wide) * __builtin_convertvector(b, wide);
        const wide sum = product + z;
        const wide second = sum - product;
        const wide lost = (product - (sum - second)) + (z - second);
        const whole inexact = (whole)(lost < 0.0) | (whole)(lost > 0.0);
        const whole even = ((whole)sum & 1) - 1;                                // all ones where the last bit is 0
        const whole toward = ((whole)(sum < 0.0) ^ (whole)(lost < 0.0)) | 1;    // the neighbour on the side of what was lost
        return __builtin_convertvector((wide)((whole)sum + (toward & inexact & even)), Half);
    }
};

}  // namespace sinter::inline v1::detail
