#pragma once

#include <sinter/detail/node.hpp>
#include <sinter/detail/source.hpp>
#include <sinter/options.hpp>

#include <string>

// The library's side of recording: what templates call. Each takes over the edges it is given, also when it throws.

namespace sinter::inline v1 {

/// What pad puts around an array: a value, the elements at the ends, or the array mirrored at its ends or repeated.
enum class pad_mode : std::uint8_t { constant, edge, reflect, wrap };

}  // namespace sinter::inline v1

namespace sinter::inline v1::detail {

// Recording functions return one edge; record_filled and allocate_node one handle.

/// A node for an elementwise statement. The operands' shapes are broadcast.
[[nodiscard]] SINTER_API node* record_map(const tape& program, node* const* operands, const std::uint64_t* scalars, source where);

/// The same with a shape of its own, which the operands broadcast to: for statements without operands.
[[nodiscard]] SINTER_API node* record_filled(const tape& program, const std::uint64_t* scalars, const extents& shape);

/// What a reduction of no elements gives.
enum class over_nothing : std::uint8_t { identity, error };

/// A reduction: the operation that combines, as node::reduce_code, and what it is called in messages. An index is an i64, over one axis or all.
struct reduction_request {
    std::uint16_t code = 0;
    const char* name = "";
    over_nothing nothing = over_nothing::identity;
    const axes_argument& axes;
    bool keepdims = false;
    index_t ddof = 0;  // of compositions: what the count is more than the divisor
};

/// A node for the reduction of an elementwise statement, which converts to the tape's type and combines with an operation, or for what the tape's composition makes of it.
[[nodiscard]] SINTER_API node* record_reduction(const tape& program, node* const* operands, const std::uint64_t* scalars,
                                                const reduction_request& wanted, source where);

/// A node for an elementwise statement that is accumulated along one axis by an operation.
[[nodiscard]] SINTER_API node* record_scan(const tape& program, node* const* operands, const std::uint64_t* scalars, std::uint16_t code,
                                           const char* name, const axes_argument& axes, source where);

// Views of a node.
[[nodiscard]] SINTER_API node* record_moved_axes(node* operand, const char* name, const axes_argument& from, const axes_argument& to, source where);
[[nodiscard]] SINTER_API node* record_swapped_axes(node* operand, index_t a, index_t b, source where);
[[nodiscard]] SINTER_API node* record_flip(node* operand, const axes_argument& axes, source where);
[[nodiscard]] SINTER_API node* record_squeeze(node* operand, const axes_argument& axes, source where);
[[nodiscard]] SINTER_API node* record_expanded(node* operand, const axes_argument& axes, source where);
[[nodiscard]] SINTER_API node* record_broadcast(node* operand, const extents& shape, source where);
[[nodiscard]] SINTER_API node* record_diagonal(node* operand, index_t offset, index_t a, index_t b, source where);

/// How many elements an axis grows by before and after what is there.
struct margin {
    index_t before = 0, after = 0;
};

// Arrays that are written in parts, each part once; one handle.

/// Shifted along the axes; what leaves at one end comes in at the other.
[[nodiscard]] SINTER_API node* record_roll(node* operand, const extents& shifts, const axes_argument& axes, source where);
/// fill: the value of constant padding, of rank 0; taken over.
[[nodiscard]] SINTER_API node* record_pad(node* operand, const margin* margins, std::size_t count, pad_mode mode, node* fill, source where);
/// One after the other along an axis that they have, or along a new one.
[[nodiscard]] SINTER_API node* record_joined(node* const* operands, std::size_t count, index_t axis, bool along_new, source where);
/// Repeated as a whole along each axis, or each element along one.
[[nodiscard]] SINTER_API node* record_tile(node* operand, const extents& times, source where);
[[nodiscard]] SINTER_API node* record_repeat(node* operand, index_t times, const axes_argument& axes, source where);

/// The shape of both operands broadcast; throws shape_error in the words of the operation. Returns the operand that has it
/// already, or null. Either may be null: a scalar.
[[nodiscard]] SINTER_API const node* broadcast_slowly(const node* a, const node* b, const char* operation);

/// The node of an empty array.
[[nodiscard]] SINTER_API node* empty_node(dtype type);

/// A leaf that only maps may read, done: 8 times the number of each element, in row-major order. It takes no memory.
[[nodiscard]] SINTER_API node* count_node(const extents& shape);

/// Throws what is wrong with a shape, in the words of the function that it was given to. Nodes are not made of such shapes either, but do not know by whom.
SINTER_API void check_shape(const char* name, const extents& shape);

/// A done node with memory of its own, contiguous, contents undefined.
[[nodiscard]] SINTER_API node* allocate_node(dtype type, const extents& shape);

/// Computes what is pending.
SINTER_API void evaluate(node& n);
/// The same; an error of a statement that does not know its line names this one.
SINTER_API void evaluate_at(node& n, source where);
/// Within a handler: throws the error again, if it is one of evaluation, with this line in front unless it names one.
[[noreturn]] SINTER_API void tell_place(source where);

/// The address of the elements in row-major order; computes what is pending, and copies what has gaps once.
[[nodiscard]] SINTER_API const std::byte* contiguous_data(node& n);

/// One element, as to_bits makes it. Indices from the end are negative. Throws index_error.
[[nodiscard]] SINTER_API std::uint64_t element_bits(node& n, const index_t* indices, std::size_t count);

/// The address of one element for writing; the node must be private_copy's.
[[nodiscard]] SINTER_API std::byte* element_address(node& n, const index_t* indices, std::size_t count);

/// Throws unless the node has one element.
[[nodiscard]] SINTER_API std::uint64_t item_bits(node& n);

/// The same two, copied to memory: for elements of more than eight bytes, too.
SINTER_API void read_element(node& n, const index_t* indices, std::size_t count, void* to);
SINTER_API void read_item(node& n, void* to);

/// One element as the type that it has.
template <class T>
[[nodiscard]] T item_of(node& n) {
    if constexpr (is_complex<T>) {
        T x;
        detail::read_item(n, &x);
        return x;
    } else {
        return detail::from_bits<T>(detail::item_bits(n));
    }
}
template <class T>
[[nodiscard]] T element_at(node& n, const index_t* indices, std::size_t count) {
    if constexpr (is_complex<T>) {
        T x;
        detail::read_element(n, indices, count, &x);
        return x;
    } else {
        return detail::from_bits<T>(detail::element_bits(n, indices, count));
    }
}

/// Replaces the node by a done one, contiguous, whose memory nothing else uses (or by the user's own memory if it was borrowed).
SINTER_API void make_private(handle& n, bool owner_of_borrowed);
/// The same; its elements one after another. Throws value_error where they are not so in the user's memory.
[[nodiscard]] SINTER_API std::byte* data_for_writing(handle& n, bool owner_of_borrowed);

[[noreturn]] SINTER_API void throw_compound_shape(const extents& from, const extents& to);
[[noreturn]] SINTER_API void throw_shape_mismatch(const index_t* wanted, std::size_t rank, const extents& found);

[[nodiscard]] SINTER_API std::string to_text(node& n);
[[nodiscard]] SINTER_API bool equal_values(node& a, node& b);
[[nodiscard]] SINTER_API bool close_values(node& a, node& b, double rtol, double atol);

[[nodiscard]] inline bool same_shape(const node& a, const node& b) noexcept {
    if (a.rank != b.rank) return false;
    for (int i = 0; i < a.rank; ++i) {
        if (a.extent[i] != b.extent[i]) return false;
    }
    return true;
}

/// The operand whose shape the result of an operation has; null for a scalar or when neither has it.
[[nodiscard]] inline const node* broadcast(const node* a, const node* b, const char* operation) {
    if (a == nullptr || b == nullptr) return nullptr;
    return detail::same_shape(*a, *b) ? a : detail::broadcast_slowly(a, b, operation);
}

}  // namespace sinter::inline v1::detail
