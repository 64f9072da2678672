#pragma once

#include "codegen/kernel.hpp"
#include "codegen/operation_table.hpp"

#include <sinter/detail/lookup.hpp>
#include <sinter/detail/scalar_lane.hpp>

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>
#include <vector>

// What a kernel means: an interpreter, one element after the other, over lanes of one element.

namespace sinter_test {

using namespace sinter;
using namespace sinter::detail;
using namespace sinter::detail::codegen;

namespace reference {

using scalar_function = std::uint64_t (*)(std::uint64_t, std::uint64_t, std::uint64_t);

template <class T, class Op>
std::uint64_t call(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
    const lane<T> x{from_bits<T>(a)}, y{from_bits<T>(b)}, z{from_bits<T>(c)};
    const auto bits = [](auto v) { return to_bits(v.raw()); };
    if constexpr (Op::rule == type_rule::select) {
        return bits(detail::apply_to_lanes<Op>(lane<bool>{a != 0}, y, z));
    } else if constexpr (Op::arity == 1) {
        return bits(detail::apply_to_lanes<Op>(x));
    } else if constexpr (Op::arity == 2) {
        return bits(detail::apply_to_lanes<Op>(x, y));
    } else {
        return bits(detail::apply_to_lanes<Op>(x, y, z));
    }
}

template <int Code>
concept exists = requires { typename operation_at<Code>::type; };

template <class T, int Code>
constexpr scalar_function function_for() {
    if constexpr (exists<Code>) {
        using op = typename operation_at<Code>::type;
        if constexpr (op::rule != type_rule::convert && rule_allows(op::rule, dtype_of<T>)) return &call<T, op>;
    }
    return nullptr;
}

/// The function of an operation on operands of type t (of select: of the last two), or null.
inline scalar_function find(int code, dtype t) {
    return visit_dtype(t, [&]<class T>(std::type_identity<T>) {
        static constexpr auto table = []<std::size_t... I>(std::index_sequence<I...>) {
            return std::array<scalar_function, sizeof...(I)>{function_for<T, static_cast<int>(I)>()...};
        }(std::make_index_sequence<256>{});
        return code < 256 ? table[static_cast<std::size_t>(code)] : nullptr;
    });
}

inline std::uint64_t convert(dtype from, dtype to, std::uint64_t bits) {
    return visit_dtype(from, [&]<class T>(std::type_identity<T>) {
        return visit_dtype(to, [&]<class U>(std::type_identity<U>) { return to_bits(convert_scalar<U>(from_bits<T>(bits))); });
    });
}

inline std::uint64_t read(const std::byte* p, dtype t) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, p, size_of(t));
    return bits;
}
inline void write(std::byte* p, dtype t, std::uint64_t bits) { std::memcpy(p, &bits, size_of(t)); }

/// One operation of a kernel.
struct evaluator {
    explicit evaluator(const kernel& k) : kernel_{k}, values(k.code.size()), functions(k.code.size()) {
        for (std::size_t n = 0; n < k.code.size(); ++n) {
            const instruction& i = k.code[n];
            if (i.code >= code_load || is_conversion(i)) continue;
            const bool selects = i.code == op::select::code;
            functions[n] = find(i.code, k.code[selects ? i.b : i.a].type);
            if (functions[n] == nullptr) throw std::logic_error("no such operation: " + to_string(k));
        }
    }

    static bool is_conversion(const instruction& i) { return i.code == op::convert::code || i.code == op::bitcast::code; }

    /// Computes every value of the element (row, i).
    void run(const frame& f, index_t row, index_t i) {
        for (std::size_t n = 0; n < kernel_.code.size(); ++n) values[n] = value(n, f, row, i);
    }

    const kernel& kernel_;
    std::vector<std::uint64_t> values;
    std::vector<scalar_function> functions;

private:
    std::uint64_t value(std::size_t n, const frame& f, index_t row, index_t i) const {
        const instruction& in = kernel_.code[n];
        if (in.code == code_constant) return in.bits;
        if (in.code == code_param) return f.params[in.a];
        if (in.code == code_load) {
            const input& source = kernel_.inputs[in.a];
            const index_t step = source.inner == access::broadcast ? 0
                                 : source.inner == access::unit    ? static_cast<index_t>(size_of(source.type))
                                                                   : f.inner_strides[in.a];
            const std::byte* const at = f.pointers[in.a] + row * f.row_strides[in.a] + i * step;
            return source.counts ? reinterpret_cast<std::uint64_t>(at) : read(at, source.type);
        }
        if (in.code == code_rare) return values[in.a] == 0 ? values[in.b] : region(kernel_.rare[in.bits], values[in.b], values[in.c]);
        if (in.code == op::convert::code) return convert(kernel_.code[in.a].type, in.type, values[in.a]);
        if (in.code == op::bitcast::code) return values[in.a];
        if (in.code == code_lookup) return in.type == dtype::f64 ? looked_up<double>(in, values[in.a]) : looked_up<float>(in, values[in.a]);
        return functions[n](values[in.a], values[in.b], values[in.c]);
    }

    template <class T>
    static std::uint64_t looked_up(const instruction& in, std::uint64_t index) {
        return to_bits(reinterpret_cast<const table_of<T>*>(static_cast<std::uintptr_t>(in.bits))->values[index % 8]);
    }

    /// What a region makes of its two operands.
    static std::uint64_t region(const rare_region& code, std::uint64_t b, std::uint64_t c) {
        std::vector<std::uint64_t> made;
        for (const instruction& in : code) {
            if (in.code == code_load) {
                made.push_back(in.a == 0 ? b : c);
            } else if (in.code == code_constant) {
                made.push_back(in.bits);
            } else if (in.code == op::convert::code) {
                made.push_back(convert(code[in.a].type, in.type, made[in.a]));
            } else if (in.code == op::bitcast::code) {
                made.push_back(made[in.a]);
            } else {
                made.push_back(find(in.code, code[in.code == op::select::code ? in.b : in.a].type)(made[in.a], made[in.b], made[in.c]));
            }
        }
        return made.back();
    }
};

/// Runs the kernel on the frame.
inline void run(const kernel& k, const frame& f) {
    evaluator e{k};
    const auto added = [&](std::size_t r, scalar_function combine, std::uint64_t to) {
        const reduction& red = k.reductions[r];
        const std::uint64_t v = e.values[red.value];
        return red.adds_products() ? find(op::fma::code, red.type)(v, e.values[red.factor], to) : combine(to, v, 0);
    };
    const std::size_t first_output = k.inputs.size(), first_reduction = first_output + k.outputs.size();
    std::vector<scalar_function> combine;
    for (const reduction& r : k.reductions) combine.push_back(find(r.code, r.type));
    const auto store = [&](index_t row, index_t i) {
        for (std::size_t o = 0; o < k.outputs.size(); ++o) {
            const output& out = k.outputs[o];
            const index_t step = out.inner == access::unit ? static_cast<index_t>(size_of(out.type)) : f.inner_strides[first_output + o];
            write(f.pointers[first_output + o] + row * f.row_strides[first_output + o] + i * step, out.type, e.values[out.value]);
        }
    };
    if (k.kind == kernel_kind::column_reduce) {
        std::vector<std::vector<std::uint64_t>> acc;
        for (const reduction& r : k.reductions) acc.emplace_back(static_cast<std::size_t>(f.n), r.identity);
        for (index_t row = 0; row < f.rows; ++row) {
            for (index_t i = 0; i < f.n; ++i) {
                e.run(f, row, i);
                store(row, i);
                for (std::size_t r = 0; r < acc.size(); ++r) {
                    std::uint64_t& a = acc[r][static_cast<std::size_t>(i)];
                    a = added(r, combine[r], a);
                }
            }
        }
        for (std::size_t r = 0; r < acc.size(); ++r) {
            for (index_t i = 0; i < f.n; ++i) {
                const dtype t = k.reductions[r].type;
                write(f.pointers[first_reduction + r] + i * static_cast<index_t>(size_of(t)), t, acc[r][static_cast<std::size_t>(i)]);
            }
        }
        return;
    }
    for (index_t row = 0; row < f.rows; ++row) {
        std::vector<std::vector<std::uint64_t>> lanes;
        for (const reduction& r : k.reductions) lanes.emplace_back(size_of(r.type) == 8 ? 32 : 64, r.identity);
        for (index_t i = 0; i < f.n; ++i) {
            e.run(f, row, i);
            store(row, i);
            for (std::size_t r = 0; r < lanes.size(); ++r) {
                std::uint64_t& a = lanes[r][static_cast<std::size_t>(i) % lanes[r].size()];
                a = added(r, combine[r], a);
            }
        }
        for (std::size_t r = 0; r < lanes.size(); ++r) {
            for (std::size_t h = lanes[r].size() / 2; h > 0; h /= 2) {
                for (std::size_t l = 0; l < h; ++l) lanes[r][l] = combine[r](lanes[r][l], lanes[r][l + h], 0);
            }
            write(f.pointers[first_reduction + r] + row * f.row_strides[first_reduction + r], k.reductions[r].type, lanes[r][0]);
        }
    }
}

}  // namespace reference
}  // namespace sinter_test
