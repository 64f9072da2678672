#pragma once

#include "codegen/portable/block_table.hpp"

#include <sinter/detail/batch_lane.hpp>
#include <sinter/detail/half_lane.hpp>

#include <algorithm>

// The block functions, derived from the list of operations, for the instruction set that the including file is compiled for. A is
// that file's own tag, a type without linkage, so that nothing here can be merged with code made for another instruction set.

namespace sinter::inline v1::detail::codegen::portable {

template <class T, class A>
inline constexpr std::size_t register_lanes = xsimd::batch<std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>, A>::size;

/// L lanes of an element type in memory; of bool beside T: the mask that T takes.
template <class T, class A, std::size_t L>
using element_carrier =
    typename std::conditional_t<std::same_as<T, bool>, std::type_identity<mask_carrier<std::uint8_t, A, L>>,
                                std::type_identity<batch_carrier<std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>, A, L>>>::type;

template <class C>
[[gnu::always_inline]] inline auto load_lane(const std::byte* from) noexcept {
    auto raw = C::load(reinterpret_cast<const typename C::value_type*>(from));
    return lane<decltype(raw)>{raw};
}
template <class V>
[[gnu::always_inline]] inline void store_lane(std::byte* to, const V& v) noexcept {
    using C = carrier<typename V::carrier_type>;
    C::store(reinterpret_cast<typename C::value_type*>(to), v.raw());
}

/// What an operation does to operands of type T.
template <class A, class Op, class T>
struct block_of {
    // A step has the lanes of one register of the narrowest type. Bodies take one register, or they would spill; primitives two.
    static constexpr bool has_bool = Op::rule == type_rule::compare || Op::rule == type_rule::select || std::same_as<T, bool>;
    static constexpr std::size_t lanes = has_bool        ? register_lanes<bool, A>
                                         : Op::primitive ? std::min(group, 2 * register_lanes<T, A>)
                                                         : register_lanes<T, A>;
    using C = element_carrier<T, A, lanes>;
    using condition = mask_carrier<std::conditional_t<std::same_as<T, bool>, std::uint8_t, T>, A, lanes>;
    template <int I>
    using operand = std::conditional_t<Op::rule == type_rule::select && I == 0, condition, C>;

    [[gnu::flatten]] static void run(const block_args& args) noexcept {
        const std::byte* a = args.in[0];
        const std::byte* b = args.in[1];
        const std::byte* c = args.in[2];
        std::byte* out = args.out;
        const std::size_t step_a = args.advance[0] * lanes * sizeof(typename operand<0>::value_type);
        const std::size_t step_b = args.advance[1] * lanes * sizeof(T);
        const std::size_t step_c = args.advance[2] * lanes * sizeof(T);
        for (std::size_t i = 0; i < args.n; i += lanes) {
            const auto result = [&]() __attribute__((always_inline)) {
                if constexpr (Op::arity == 1) {
                    return detail::apply_to_lanes<Op>(load_lane<operand<0>>(a));
                } else if constexpr (Op::arity == 2) {
                    return detail::apply_to_lanes<Op>(load_lane<operand<0>>(a), load_lane<operand<1>>(b));
                } else {
                    return detail::apply_to_lanes<Op>(load_lane<operand<0>>(a), load_lane<operand<1>>(b), load_lane<operand<2>>(c));
                }
            }
            ();
            store_lane(out, result);
            a += step_a;
            b += step_b;
            c += step_c;
            out += lanes * sizeof(typename std::remove_cvref_t<decltype(result)>::value_type);
        }
    }
};

/// The type that elements are in memory and in registers before they are converted: floats of 16 bits are numbers.
template <class T>
using memory_t = std::conditional_t<half<T>, std::uint16_t, T>;

template <class U, class T, class V>
[[gnu::always_inline]] inline auto converted(const V& v) noexcept {
    if constexpr (std::same_as<U, T>) return v;
    else if constexpr (half<T>) return converted<U, float>(detail::widened<T>(v));
    else if constexpr (half<U>) return detail::narrowed_bits<U>(detail::floats_to_round<U>(v));
    else return detail::convert<U>(v);
}

template <class A, class T, class U>
struct conversion_of {
    static constexpr std::size_t lanes = std::max(register_lanes<memory_t<T>, A>, register_lanes<memory_t<U>, A>);
    using C = element_carrier<memory_t<T>, A, lanes>;

    [[gnu::flatten]] static void run(const block_args& args) noexcept {
        const std::byte* a = args.in[0];
        std::byte* out = args.out;
        const std::size_t step = args.advance[0] * lanes * sizeof(T);
        for (std::size_t i = 0; i < args.n; i += lanes) {
            store_lane(out, converted<U, T>(load_lane<C>(a)));
            a += step;
            out += lanes * sizeof(U);
        }
    }
};

/// One step of a row reduction. All lanes are held in registers.
template <class A, class Op, class T>
struct fold_of {
    static constexpr std::size_t lanes = fold_lanes(dtype_of<T>);
    static constexpr std::size_t width = register_lanes<T, A>;
    static constexpr std::size_t count = lanes / width;
    using C = element_carrier<T, A, width>;
    using V = lane<decltype(C::load(nullptr))>;

    template <std::size_t... K>
    [[gnu::always_inline]] static void run_on(std::byte* lanes_at, const std::byte* values, std::size_t n, std::index_sequence<K...>) noexcept {
        constexpr std::size_t bytes = width * sizeof(T);
        V acc[count] = {load_lane<C>(lanes_at + K * bytes)...};
        for (; n >= lanes; n -= lanes) {
            ((acc[K] = detail::apply_to_lanes<Op>(acc[K], load_lane<C>(values + K * bytes))), ...);
            values += lanes * sizeof(T);
        }
        (store_lane(lanes_at + K * bytes, acc[K]), ...);
        for (std::size_t at = 0; n > 0; at += bytes) {
            const std::size_t part = n < width ? n : width;
            auto* const lane_at = reinterpret_cast<T*>(lanes_at + at);
            const V value{C::load_part(reinterpret_cast<const T*>(values + at), part)};
            C::store_part(lane_at, detail::apply_to_lanes<Op>(V{C::load(lane_at)}, value).raw(), part);
            n -= part;
        }
    }
    [[gnu::flatten]] static void run(std::byte* lanes_at, const std::byte* values, std::size_t n) noexcept {
        run_on(lanes_at, values, n, std::make_index_sequence<count>{});
    }
};

template <class A, class T>
struct fold_products_of : fold_of<A, op::add, T> {
    using base = fold_of<A, op::add, T>;
    using typename base::C, typename base::V;
    using base::lanes, base::width, base::count;

    template <std::size_t... K>
    [[gnu::always_inline]] static void run_on(std::byte* lanes_at, const std::byte* values, const std::byte* factors, std::size_t n, std::index_sequence<K...>) noexcept {
        constexpr std::size_t bytes = width * sizeof(T);
        V acc[count] = {load_lane<C>(lanes_at + K * bytes)...};
        for (; n >= lanes; n -= lanes) {
            ((acc[K] = detail::apply_to_lanes<op::fma>(load_lane<C>(values + K * bytes), load_lane<C>(factors + K * bytes), acc[K])), ...);
            values += lanes * sizeof(T);
            factors += lanes * sizeof(T);
        }
        (store_lane(lanes_at + K * bytes, acc[K]), ...);
        for (std::size_t at = 0; n > 0; at += bytes) {
            const std::size_t part = n < width ? n : width;
            auto* const lane_at = reinterpret_cast<T*>(lanes_at + at);
            const V value{C::load_part(reinterpret_cast<const T*>(values + at), part)}, factor{C::load_part(reinterpret_cast<const T*>(factors + at), part)};
            C::store_part(lane_at, detail::apply_to_lanes<op::fma>(value, factor, V{C::load(lane_at)}).raw(), part);
            n -= part;
        }
    }
    [[gnu::flatten]] static void run(std::byte* lanes_at, const std::byte* values, const std::byte* factors, std::size_t n) noexcept {
        run_on(lanes_at, values, factors, n, std::make_index_sequence<count>{});
    }
};

template <class F>
constexpr void for_each_element_type(F f) {
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

template <class F>
constexpr void for_each_stored_type(F f) {
    portable::for_each_element_type(f);
    f.template operator()<float16>();
    f.template operator()<bfloat16>();
}

template <class Op, class T>
inline constexpr bool folds = Op::arity == 2 && Op::rule != type_rule::compare&& requires {
    Op::template identity<T>;
};

template <class A, class Op, class T>
constexpr void add_operation(block_table& table) {
    constexpr auto type = static_cast<std::size_t>(dtype_of<T>);
    if constexpr (Op::rule != type_rule::convert && rule_allows(Op::rule, dtype_of<T>)) {
        table.operation[Op::code][type] = &block_of<A, Op, T>::run;
        if constexpr (folds<Op, T>) table.fold[Op::code][type] = &fold_of<A, Op, T>::run;
    }
}

template <class A>
[[nodiscard]] consteval block_table make_blocks() {
    block_table table;
    [&]<std::size_t... Code>(std::index_sequence<Code...>) {
        const auto add_code = [&]<int I>(std::integral_constant<int, I>) {
            if constexpr (is_operation<I>) {
                for_each_element_type([&]<class T>() { add_operation<A, typename operation_at<I>::type, T>(table); });
            }
        };
        (add_code(std::integral_constant<int, static_cast<int>(Code)>{}), ...);
    }
    (std::make_index_sequence<block_table::codes>{});
    table.fold_products[static_cast<std::size_t>(dtype::f32)] = &fold_products_of<A, float>::run;
    table.fold_products[static_cast<std::size_t>(dtype::f64)] = &fold_products_of<A, double>::run;
    for_each_stored_type([&]<class T>() {
        for_each_stored_type([&]<class U>() {
            table.convert[static_cast<std::size_t>(dtype_of<T>)][static_cast<std::size_t>(dtype_of<U>)] = &conversion_of<A, T, U>::run;
        });
    });
    return table;
}

}  // namespace sinter::inline v1::detail::codegen::portable
