#pragma once

#include "graph/index_map.hpp"

#include <sinter/detail/tape.hpp>
#include <sinter/detail/types.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::graph {

using value_id = std::uint32_t;
using map_id = std::uint32_t;
inline constexpr value_id no_value = ~value_id{0};
/// The identity of whatever space it is used in.
inline constexpr map_id identity = 0;

enum class value_kind : std::uint8_t {
    leaf,       // memory: `captured` says which node
    scalar,     // a number that a statement holds: `captured` and `slot`
    constant,   // `bits`
    operation,  // `code` on args, elementwise over shape
    copy,       // args[0], elementwise: for a view that needs memory of its own
    view,       // args[0] through its map; gone after the passes
    reduction,  // args[0] reduced by `code` over its `reduced` last or inner axes; with `bits`, the index of the extreme value: see index_step; else with args[1],
                // the sum of their products: see adds_products
    scan,       // args[0] accumulated by `code` along its `reduced` axis
    alias,      // args[0]'s memory, row-major, in another shape
    update,     // args[0]'s memory with args[1] written through `region`
    blank,      // memory without values, which belongs to the one update on it
    list,       // args[0] and what args[1] lists, or args[1] as the last one: for a loop, and never in memory
    loop,       // elementwise: args[0] lists what its states begin with, args[1] what else its body uses, args[2] is the limit; `bits` is the number of
                // its body (loop_body.hpp), `code` is the precision under which it was recorded. Never in memory
    part,       // args[0] is a loop: its state `bits` at the end
    gather,     // args[0]'s memory, through a map that has a gathered index: args[1], elementwise over shape, in range
};

/// A value and the index map through which it is seen.
struct operand {
    value_id value = no_value;
    map_id map = identity;
    bool operator==(const operand&) const = default;
};

/// How a reduction cuts its argument's axes: [first, last) are reduced, as one row if they are the last ones, else as rows of a column.
struct reduced_axes {
    std::uint8_t first = 0, last = 0;
    index_t block = 0;  // 0: whole; else the result has a further axis: one value for each block of so many elements
    bool operator==(const reduced_axes&) const = default;
};

struct value {
    value_kind kind = value_kind::operation;
    dtype type = dtype::f32;
    std::uint16_t code = 0;
    bool counts = false;  // a leaf without memory: see node_kind::count
    bool row_major = false;  // a leaf whose memory has its elements in this order without gaps, whatever shape the node has
    std::uint8_t n_args = 0;
    reduced_axes reduced{};
    extents shape{};
    std::array<operand, 3> args{};
    map_id region = identity;    // update: from the region's indices to the array's
    std::uint32_t captured = 0;  // the node that it came from (leaf, scalar: holds it; others: for reports)
    std::uint32_t slot = 0;
    std::uint64_t bits = 0;

    /// Of a reduction: 0, or what the index grows by from one element to the next; args[1], if any, is the index to begin at.
    [[nodiscard]] index_t index_step() const noexcept { return kind == value_kind::reduction ? static_cast<index_t>(bits) : 0; }
    /// Of a reduction: whether it adds up args[0] * args[1], each product by an fma. Nowhere is there a product that has been rounded.
    [[nodiscard]] bool adds_products() const noexcept { return kind == value_kind::reduction && bits == 0 && n_args == 2; }
};

/// What a captured node became.
struct result {
    std::uint32_t captured = 0;
    operand at;
    bool wanted = false;  // held: an earlier evaluation needed it, too
};

/// A number of a statement that may not be zero, as integers are divided by it.
struct divisor {
    std::uint32_t captured = 0, slot = 0;
    bool operator==(const divisor&) const = default;
};

/// A graph of primitive operations and composite ones, in order: operands stand before their users.
struct graph {
    std::vector<value> values;
    std::vector<index_map> maps;  // [0] is the identity, never looked at
    std::vector<result> roots;    // what has to be in memory at the end
    std::vector<result> held;     // pending values that the program still holds, which may be
    std::vector<std::uint32_t> reshaped;  // held ones that are computed in another shape only, where they cannot be stored on the way
    std::vector<result> checks;   // single numbers that must be zero before anything else runs, and the statements that they check
    std::vector<divisor> divisors;  // looked at before anything else, too, without a kernel

    graph() : maps(1) {}

    [[nodiscard]] map_id intern(const index_map& m);
    /// The extents of the space in which an operand is seen.
    [[nodiscard]] const extents& space(operand o) const { return o.map == identity ? values[o.value].shape : maps[o.map].space; }
    /// o seen through a further map, from a space to o's.
    [[nodiscard]] operand through(operand o, const index_map& outer);
    /// Whether an operand of a gather depends on the index at all.
    [[nodiscard]] bool is_gathered(operand o) const;
    /// o broadcast to a space; throws internal_error if it does not fit.
    [[nodiscard]] operand broadcast(operand o, const extents& space);
    value_id add(value v);
};

/// What a list of so many values lists, seen from its space.
[[nodiscard]] std::vector<operand> listed(graph& g, operand list, std::size_t count);

/// Throws internal_error unless operands stand before users, maps fit their sources and spaces, and types obey the operations' rules.
/// After the passes there are no views left.
void verify(const graph& g, bool after_passes);

/// One line a value.
[[nodiscard]] std::string to_string(const graph& g);

/// One value in a few words: "exp 100 x 20", "memory 100", "2.5".
[[nodiscard]] std::string describe(const graph& g, value_id v);

/// Whether an instruction of a graph takes a complex number apart or makes one.
[[nodiscard]] constexpr bool is_of_complex(std::uint16_t code) noexcept { return code == code_real || code == code_imag || code == code_complex; }

/// "add", "exp", ...; of an operation's code.
[[nodiscard]] const char* operation_name(std::uint16_t code);

}  // namespace sinter::inline v1::detail::graph
