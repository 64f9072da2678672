#pragma once

#include <sinter/detail/config.hpp>
#include <sinter/float16.hpp>

#include <bit>
#include <concepts>
#include <type_traits>

namespace sinter::inline v1::detail {

/// The element types, in the order of their codes. Codes are part of the ABI: only append.
enum class dtype : std::uint8_t { boolean, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, c64, c128 };

inline constexpr int dtype_count = 15;

template <class T>
struct dtype_traits;

#define SINTER_DTYPE(type, code)                          \
    template <>                                           \
    struct dtype_traits<type> {                           \
        static constexpr dtype value = dtype::code;       \
    };
SINTER_DTYPE(bool, boolean)
SINTER_DTYPE(std::int8_t, i8)
SINTER_DTYPE(std::int16_t, i16)
SINTER_DTYPE(std::int32_t, i32)
SINTER_DTYPE(std::int64_t, i64)
SINTER_DTYPE(std::uint8_t, u8)
SINTER_DTYPE(std::uint16_t, u16)
SINTER_DTYPE(std::uint32_t, u32)
SINTER_DTYPE(std::uint64_t, u64)
SINTER_DTYPE(float16, f16)
SINTER_DTYPE(bfloat16, bf16)
SINTER_DTYPE(float, f32)
SINTER_DTYPE(double, f64)
#undef SINTER_DTYPE

/// Complex numbers: std::complex of float and of double (complex_types.hpp says so, for headers that include <complex>).
template <class T>
inline constexpr bool is_complex = false;
/// What the real and the imaginary part of a T are; a T itself where it is no complex number.
template <class T>
struct part_type {
    using type = T;
};
template <class T>
using part_t = typename part_type<T>::type;
/// The complex numbers of these parts.
template <class T>
struct complex_type;
template <class T>
concept complex_number = is_complex<T>;

/// A type that an array can hold.
template <class T>
concept element = requires { dtype_traits<T>::value; };

template <element T>
inline constexpr dtype dtype_of = dtype_traits<T>::value;

/// Floats of all sizes.
template <class T>
concept floating = std::floating_point<T> || half<T>;

/// Numbers that are no arrays: literals in expressions.
template <class T>
concept number_type = std::is_arithmetic_v<T> || half<T>;

/// The type that elements of T are in registers and in operations: float for those of 16 bits.
template <class T>
using computed_t = std::conditional_t<half<T>, float, T>;

[[nodiscard]] constexpr std::size_t size_of(dtype t) noexcept {
    constexpr std::uint8_t sizes[] = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
    return sizes[static_cast<std::size_t>(t)];
}
[[nodiscard]] constexpr bool is_complex_code(dtype t) noexcept { return t == dtype::c64 || t == dtype::c128; }
/// The type of the parts of a complex one; another one is its own.
[[nodiscard]] constexpr dtype part_of(dtype t) noexcept { return t == dtype::c64 ? dtype::f32 : t == dtype::c128 ? dtype::f64 : t; }
[[nodiscard]] constexpr bool is_floating(dtype t) noexcept { return t >= dtype::f16 && t <= dtype::f64; }
[[nodiscard]] constexpr bool is_half(dtype t) noexcept { return t == dtype::f16 || t == dtype::bf16; }
[[nodiscard]] constexpr bool is_signed_integer(dtype t) noexcept { return t >= dtype::i8 && t <= dtype::i64; }
[[nodiscard]] constexpr bool is_unsigned_integer(dtype t) noexcept { return t >= dtype::u8 && t <= dtype::u64; }
[[nodiscard]] constexpr bool is_integer(dtype t) noexcept { return t >= dtype::i8 && t <= dtype::u64; }

[[nodiscard]] constexpr const char* name_of(dtype t) noexcept {
    constexpr const char* names[] = {"bool",   "int8",   "int16",   "int32",    "int64",   "uint8",   "uint16",    "uint32",
                                     "uint64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"};
    return names[static_cast<std::size_t>(t)];
}

/// Calls f with a std::type_identity of the C++ type behind t; for types that exist as dtype_traits. Complex ones have none here: their parts have.
template <class F>
constexpr decltype(auto) visit_dtype(dtype t, F&& f) {
    switch (t) {
        case dtype::boolean: return f(std::type_identity<bool>{});
        case dtype::i8: return f(std::type_identity<std::int8_t>{});
        case dtype::i16: return f(std::type_identity<std::int16_t>{});
        case dtype::i32: return f(std::type_identity<std::int32_t>{});
        case dtype::i64: return f(std::type_identity<std::int64_t>{});
        case dtype::u8: return f(std::type_identity<std::uint8_t>{});
        case dtype::u16: return f(std::type_identity<std::uint16_t>{});
        case dtype::u32: return f(std::type_identity<std::uint32_t>{});
        case dtype::u64: return f(std::type_identity<std::uint64_t>{});
        case dtype::f16: return f(std::type_identity<float16>{});
        case dtype::bf16: return f(std::type_identity<bfloat16>{});
        case dtype::f64: return f(std::type_identity<double>{});
        default: return f(std::type_identity<float>{});
    }
}

/// The type of an operation on two arrays: std::common_type, but small integers are not widened,
/// bool counts as int32, integer with floating gives the floating type, and float16 with bfloat16 float. With a complex one: complex, of what the parts give.
template <class A, class B>
struct promoted {
private:
    static constexpr auto pick() {
        if constexpr (std::same_as<A, B>) {
            return std::type_identity<A>{};
        } else if constexpr (is_complex<A> || is_complex<B>) {
            return std::type_identity<typename complex_type<typename promoted<part_t<A>, part_t<B>>::type>::type>{};
        } else if constexpr (std::same_as<A, bool>) {
            return std::type_identity<B>{};
        } else if constexpr (std::same_as<B, bool>) {
            return std::type_identity<A>{};
        } else if constexpr (floating<A> && !floating<B>) {
            return std::type_identity<A>{};
        } else if constexpr (floating<B> && !floating<A>) {
            return std::type_identity<B>{};
        } else if constexpr (sizeof(A) != sizeof(B)) {
            return std::type_identity<std::conditional_t<(sizeof(A) > sizeof(B)), A, B>>{};
        } else if constexpr (half<A> && half<B>) {
            return std::type_identity<float>{};
        } else {
            return std::type_identity<std::conditional_t<std::is_unsigned_v<A>, A, B>>{};
        }
    }

public:
    using type = typename decltype(pick())::type;
};

/// A number as one of another type: a real one becomes a complex one whose imaginary part is zero.
template <class T, class S>
[[nodiscard]] constexpr T number_as(S value) noexcept {
    if constexpr (!is_complex<T>) {
        return static_cast<T>(value);
    } else if constexpr (is_complex<S>) {
        return T(static_cast<part_t<T>>(value.real()), static_cast<part_t<T>>(value.imag()));
    } else {
        return T(static_cast<part_t<T>>(value));
    }
}

/// A scalar as the eight bytes in which nodes, kernels and constants carry it (zero-extended).
template <element T>
[[nodiscard]] constexpr std::uint64_t to_bits(T value) noexcept {
    if constexpr (std::same_as<T, bool>) {
        return value ? 1U : 0U;
    } else if constexpr (std::same_as<T, float>) {
        return std::bit_cast<std::uint32_t>(value);
    } else if constexpr (std::same_as<T, double>) {
        return std::bit_cast<std::uint64_t>(value);
    } else if constexpr (half<T>) {
        return value.bits();
    } else {
        return static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
    }
}
template <element T>
[[nodiscard]] constexpr T from_bits(std::uint64_t bits) noexcept {
    if constexpr (std::same_as<T, bool>) {
        return bits != 0;
    } else if constexpr (std::same_as<T, float>) {
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    } else if constexpr (std::same_as<T, double>) {
        return std::bit_cast<double>(bits);
    } else if constexpr (half<T>) {
        return T::from_bits(static_cast<std::uint16_t>(bits));
    } else {
        return static_cast<T>(bits);
    }
}

}  // namespace sinter::inline v1::detail
