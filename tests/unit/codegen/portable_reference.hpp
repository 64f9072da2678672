#pragma once

#include "codegen/kernel.hpp"
#include "codegen/operation_table.hpp"

#include <sinter/detail/scalar_lane.hpp>

#include <cstring>
#include <map>
#include <random>

// What a kernel means, element by element in plain C++, and operands to try it on.

namespace portable_test {

namespace sd = sinter::detail;
namespace cg = sinter::detail::codegen;
using sd::dtype;
using sinter::index_t;

/// Those that have operations of their own.
inline constexpr dtype all_types[] = {dtype::boolean, dtype::i8,  dtype::i16, dtype::i32, dtype::i64, dtype::u8,
                                      dtype::u16,     dtype::u32, dtype::u64, dtype::f32, dtype::f64};
/// Those that others are converted to and from.
inline constexpr dtype converted_types[] = {dtype::boolean, dtype::i8,  dtype::i16, dtype::i32,  dtype::i64, dtype::u8, dtype::u16,
                                            dtype::u32,     dtype::u64, dtype::f16, dtype::bf16, dtype::f32, dtype::f64};

using scalar_function = std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t);

template <class Op, class T>
std::uint64_t evaluate(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    const auto x = [](std::uint64_t bits) { return sinter::lane<T>(sd::from_bits<T>(bits)); };
    if constexpr (Op::arity == 1) {
        return sd::to_bits(sd::apply_to_lanes<Op>(x(a)).raw());
    } else if constexpr (Op::arity == 2) {
        return sd::to_bits(sd::apply_to_lanes<Op>(x(a), x(b)).raw());
    } else if constexpr (Op::rule == sd::type_rule::select) {
        return sd::to_bits(sd::apply_to_lanes<Op>(sinter::lane<bool>(a != 0), x(b), x(c)).raw());
    } else {
        return sd::to_bits(sd::apply_to_lanes<Op>(x(a), x(b), x(c)).raw());
    }
}

/// Of an operation that is not a conversion, by the type of its last operand.
inline scalar_function function_of(std::uint16_t code, dtype type) {
    static const auto table = [] {
        std::map<std::pair<int, dtype>, scalar_function> functions;
        [&]<std::size_t... Code>(std::index_sequence<Code...>) {
            const auto add = [&]<int I>(std::integral_constant<int, I>) {
                if constexpr (cg::is_operation<I>) {
                    using op = typename sd::operation_at<I>::type;
                    for (const dtype t : all_types) {
                        sd::visit_dtype(t, [&]<class T>(std::type_identity<T>) {
                            if constexpr (op::rule != sd::type_rule::convert && cg::rule_allows(op::rule, sd::dtype_of<T>)) {
                                functions[{I, t}] = &evaluate<op, T>;
                            }
                        });
                    }
                }
            };
            (add(std::integral_constant<int, static_cast<int>(Code)>{}), ...);
        }(std::make_index_sequence<cg::operation_codes>{});
        return functions;
    }();
    const auto found = table.find({code, type});
    return found == table.end() ? nullptr : found->second;
}

inline std::uint64_t converted(std::uint64_t bits, dtype from, dtype to) {
    return sd::visit_dtype(from, [&]<class T>(std::type_identity<T>) {
        return sd::visit_dtype(to, [&]<class U>(std::type_identity<U>) {
            return sd::to_bits(sd::convert_scalar<U>(sd::from_bits<T>(bits)));
        });
    });
}

inline std::uint64_t read(const std::byte* from, dtype t) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, from, sd::size_of(t));
    return bits;
}
inline void write(std::byte* to, dtype t, std::uint64_t bits) { std::memcpy(to, &bits, sd::size_of(t)); }

inline bool is_nan(std::uint64_t bits, dtype t) {
    if (t == dtype::f32) return sd::from_bits<float>(bits) != sd::from_bits<float>(bits);
    if (sd::is_half(t)) return (bits & 0x7fff) > (t == dtype::f16 ? 0x7c00U : 0x7f80U);
    return t == dtype::f64 && sd::from_bits<double>(bits) != sd::from_bits<double>(bits);
}
/// The same bits, or both NaN: which NaN an operation gives is not promised.
inline bool same(std::uint64_t a, std::uint64_t b, dtype t) { return a == b || (is_nan(a, t) && is_nan(b, t)); }

/// The values of a kernel's code for one element.
inline std::vector<std::uint64_t> element(const cg::kernel& k, const cg::frame& f, index_t row, index_t i) {
    std::vector<std::uint64_t> v;
    for (const cg::instruction& s : k.code) {
        if (s.code == cg::code_load) {
            const cg::input& in = k.inputs[s.a];
            const auto size = static_cast<index_t>(sd::size_of(in.type));
            const index_t stride = in.inner == cg::access::unit ? size : in.inner == cg::access::broadcast ? 0 : f.inner_strides[s.a];
            v.push_back(read(f.pointers[s.a] + row * f.row_strides[s.a] + i * stride, in.type));
        } else if (s.code == cg::code_param) {
            v.push_back(f.params[s.a]);
        } else if (s.code == cg::code_constant) {
            v.push_back(s.bits);
        } else if (s.code == sd::op::convert::code) {
            v.push_back(converted(v[s.a], k.code[s.a].type, s.type));
        } else if (s.code == sd::op::bitcast::code) {
            v.push_back(v[s.a]);
        } else {
            const int arity = cg::operation_of(s.code).arity;
            const std::uint16_t last = arity == 1 ? s.a : arity == 2 ? s.b : s.c;
            const auto operand = [&](int which, std::uint16_t at) { return which < arity ? v[at] : 0; };
            v.push_back(function_of(s.code, k.code[last].type)(v[s.a], operand(1, s.b), operand(2, s.c)));
        }
    }
    return v;
}

inline void interpret(const cg::kernel& k, const cg::frame& f) {
    const auto combine = [](const cg::reduction& r, std::uint64_t a, std::uint64_t b) { return function_of(r.code, r.type)(a, b, 0); };
    const std::size_t first_reduction = k.inputs.size() + k.outputs.size();
    std::vector<std::vector<std::uint64_t>> columns;
    for (const cg::reduction& r : k.reductions) columns.emplace_back(static_cast<std::size_t>(f.n), r.identity);
    for (index_t row = 0; row < f.rows; ++row) {
        std::vector<std::vector<std::uint64_t>> lanes;
        for (const cg::reduction& r : k.reductions) lanes.emplace_back(sd::size_of(r.type) == 8 ? 32 : 64, r.identity);
        for (index_t i = 0; i < f.n; ++i) {
            const auto v = element(k, f, row, i);
            for (std::size_t o = 0; o < k.outputs.size(); ++o) {
                const cg::output& out = k.outputs[o];
                const std::size_t at = k.inputs.size() + o;
                const auto size = static_cast<index_t>(sd::size_of(out.type));
                const index_t stride = out.inner == cg::access::unit ? size : f.inner_strides[at];
                write(f.pointers[at] + row * f.row_strides[at] + i * stride, out.type, v[out.value]);
            }
            for (std::size_t r = 0; r < k.reductions.size(); ++r) {
                const cg::reduction& red = k.reductions[r];
                const auto added = [&](std::uint64_t to) {
                    return red.adds_products() ? function_of(sd::op::fma::code, red.type)(v[red.value], v[red.factor], to) : combine(red, to, v[red.value]);
                };
                auto& column = columns[r][static_cast<std::size_t>(i)];
                auto& lane = lanes[r][static_cast<std::size_t>(i) % lanes[r].size()];
                if (k.kind == cg::kernel_kind::column_reduce) column = added(column);
                else lane = added(lane);
            }
        }
        for (std::size_t r = 0; r < k.reductions.size() && k.kind == cg::kernel_kind::row_reduce; ++r) {
            for (std::size_t half = lanes[r].size() / 2; half > 0; half /= 2) {
                for (std::size_t l = 0; l < half; ++l) lanes[r][l] = combine(k.reductions[r], lanes[r][l], lanes[r][l + half]);
            }
            write(f.pointers[first_reduction + r] + row * f.row_strides[first_reduction + r], k.reductions[r].type, lanes[r][0]);
        }
    }
    for (std::size_t r = 0; r < k.reductions.size() && k.kind == cg::kernel_kind::column_reduce; ++r) {
        const auto size = static_cast<index_t>(sd::size_of(k.reductions[r].type));
        for (index_t i = 0; i < f.n; ++i) {
            write(f.pointers[first_reduction + r] + i * size, k.reductions[r].type, columns[r][static_cast<std::size_t>(i)]);
        }
    }
}

/// Mostly the values at which operations change their ways.
inline std::uint64_t any_value(dtype t, std::mt19937_64& random) {
    static constexpr double edges[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, -0.7, 0.3, 127, 128, -128, -129, 127.9, 255, 255.9,
                                       256, 65535, 65536, 32767, 32768, -32768, -32769, 2147483647.0, 2147483648.0, -2147483648.0,
                                       -2147483649.0, 4294967295.0, 4294967296.0, 0x1p63, -0x1p63, 0x1p64, 8388607.5, 8388608.5,
                                       0x1.fffffffffffffp51, 1e300, -1e300, 1e-300, 1e-40, 1e-45, 88.7, -103.9, 709.7, 3.4e38,
                                       std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN()};
    const std::uint64_t r = random();
    if (t == dtype::boolean) return r >> 63;
    if (!sd::is_floating(t)) {
        const std::uint64_t mask = ~std::uint64_t{0} >> (64 - 8 * sd::size_of(t));
        switch (r % 4) {
            case 0: return (random() % 5 - 2) & mask;
            case 1: return ((mask >> (random() % 2)) + random() % 3 - 1) & mask;
            case 2: return random() % 70 & mask;
            default: return random() & mask;
        }
    }
    const auto as_type = [&](double d) {
        return t == dtype::f16 ? sd::to_bits(sinter::float16(d)) : t == dtype::bf16 ? sd::to_bits(sinter::bfloat16(d)) : t == dtype::f32 ? sd::to_bits(static_cast<float>(d)) : sd::to_bits(d);
    };
    switch (r % 4) {
        case 0: return as_type(edges[random() % std::size(edges)]);
        case 1: return random() >> (64 - 8 * sd::size_of(t));
        default: {
            const auto scale = static_cast<double>(std::uint64_t{1} << (20 + random() % 43));
            return as_type(static_cast<double>(static_cast<std::int64_t>(random())) / scale);
        }
    }
}

}  // namespace portable_test
