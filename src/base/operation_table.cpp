#include "base/operation_table.hpp"

#include "base/counted_lane.hpp"
#include "base/user_reductions.hpp"

#include <sinter/detail/operations.hpp>
#include <sinter/detail/scalar_lane.hpp>
#include <sinter/detail/tape.hpp>

#include <array>

namespace sinter::inline v1::detail::base {

namespace {

template <class Op>
constexpr bool has_identity = requires {
    Op::template identity<float>;
};

template <class Op>
std::uint64_t identity_of(dtype t) {
    return visit_dtype(t, []<class T>(std::type_identity<T>) -> std::uint64_t { return detail::to_bits(T(Op::template identity<computed_t<T>>)); });
}

template <class Op>
std::uint64_t fold(dtype operand, dtype result, const std::uint64_t* args) {
    return visit_dtype(operand, [&]<class T>(std::type_identity<T>) -> std::uint64_t {
        if constexpr (std::same_as<Op, op::convert>) {
            const T x = detail::from_bits<T>(args[0]);
            return visit_dtype(result, [&]<class U>(std::type_identity<U>) { return detail::to_bits(detail::convert_scalar<U>(x)); });
        } else if constexpr (std::same_as<Op, op::bitcast>) {
            return args[0];
        } else if constexpr (!rule_allows(Op::rule, dtype_of<T>)) {
            return 0;
        } else {
            const auto as_bits = [](auto v) { return detail::to_bits(v.raw()); };
            const auto arg = [&](int i) { return lane<T>{detail::from_bits<T>(args[i])}; };
            if constexpr (Op::rule == type_rule::select) {
                return as_bits(detail::apply_to_lanes<Op>(lane<bool>{args[0] != 0}, arg(1), arg(2)));
            } else if constexpr (Op::arity == 1) {
                return as_bits(detail::apply_to_lanes<Op>(arg(0)));
            } else if constexpr (Op::arity == 2) {
                return as_bits(detail::apply_to_lanes<Op>(arg(0), arg(1)));
            } else {
                return as_bits(detail::apply_to_lanes<Op>(arg(0), arg(1), arg(2)));
            }
        }
    });
}

// Bodies differ by type where they are of floating types only.
template <class Op>
op_cost cost_of(dtype operand, bool assistance) {
    if constexpr (Op::primitive) {
        return Op::cost;
    } else if constexpr (Op::rule == type_rule::floating) {
        static constexpr op_cost costs[2][2] = {{count_body<Op, float, false>(), count_body<Op, float, true>()},
                                                {count_body<Op, double, false>(), count_body<Op, double, true>()}};
        return costs[operand == dtype::f64 ? 1 : 0][assistance ? 1 : 0];
    } else if constexpr (Op::rule == type_rule::integer) {
        static constexpr op_cost of_integers = count_body<Op, std::int32_t, false>();
        return of_integers;
    } else {
        const auto of = []<class T>(std::type_identity<T>) {
            if constexpr (rule_allows(Op::rule, dtype_of<T>)) {
                return count_body<Op, T, false>();
            } else {
                return op_cost{};
            }
        };
        static constexpr op_cost of_floats = of(std::type_identity<float>{}), of_integers = of(std::type_identity<std::int32_t>{});
        return is_floating(operand) ? of_floats : of_integers;
    }
}

template <class Op>
constexpr operation_info describe() {
    operation_info i;
    i.name = Op::name;
    i.arity = Op::arity;
    i.rule = Op::rule;
    i.primitive = Op::primitive;
    i.assisted = Op::assisted;
    i.commutative = Op::commutative;
    i.divides = Op::divides;
    i.ulp = Op::ulp;
    i.ulp_double = Op::ulp_double;
    i.looser = is_looser<Op>;
    i.fast = Op::code;
    if constexpr (has_fast<Op>) i.fast = Op::fast::code;
    if constexpr (has_identity<Op>) i.identity = &identity_of<Op>;
    i.fold = &fold<Op>;
    i.cost = &cost_of<Op>;
    return i;
}

template <int Code>
constexpr operation_info entry() {
    if constexpr (is_operation<Code>) {
        return describe<typename operation_at<Code>::type>();
    } else {
        // Instructions that are no operations have operands, too.
        operation_info i;
        i.arity = Code == code_list ? 2 : Code == code_loop ? 3 : Code == code_loop_part ? 1 : 0;
        if constexpr (Code == code_real || Code == code_imag || Code == code_complex) {
            i.arity = Code == code_complex ? 2 : 1;
            i.cost = [](dtype, bool) { return op_cost{.instructions = 1}; };   // a permutation, where memory is loaded or stored
        }
        return i;
    }
}

constexpr auto table = []<int... Code>(std::integer_sequence<int, Code...>) { return std::array<operation_info, sizeof...(Code)>{entry<Code>()...}; }
(std::make_integer_sequence<int, operation_codes>{});

}  // namespace

std::span<const operation_info> operations() noexcept { return table; }

const operation_info& operation_of(std::uint16_t code) noexcept { return is_user_code(code) ? user_reduction_of(code).info : table[code]; }

}  // namespace sinter::inline v1::detail::base
