#pragma once

#include <sinter/detail/counts.hpp>
#include <sinter/detail/extents.hpp>
#include <sinter/detail/tape.hpp>
#include <sinter/settings.hpp>

#include <atomic>
#include <utility>

namespace sinter::inline v1::detail {

struct index_map;

enum class node_kind : std::uint8_t {
    leaf,    // memory
    map,     // the tape's value, elementwise
    reduce,  // the tape's value, reduced over axes
    view,    // another node's elements, through an index map
    update,  // operand 0 with the tape's value written into a part of it
    scan,    // the tape's value, accumulated along an axis
    blank,   // memory without values, for updates to write all of
    count,   // a leaf without memory, of 64 bits: 8 times the number of each element, row-major; of maps only
    gather,  // operand 0's elements through a map, one axis of it by the integers of operand 1
};

/// Pending nodes are claimed by the thread that plans or runs them; done ones never change again.
enum class node_state : std::uint8_t { pending, claimed, done };

/// One statement, or one piece of memory. User's handles and edges of the graph are counted apart (the lower and the upper half
/// of refs): a node with handles is one that the program can still ask for.
struct node {
    static constexpr std::uint64_t one_handle = 1;
    static constexpr std::uint64_t one_edge = std::uint64_t{1} << 32;
    static constexpr std::uint16_t gives_index = 0x8000;
    static constexpr int inline_operands = 4;
    static constexpr int inline_scalars = 4;

    std::atomic<std::uint64_t> refs{0};
    // Eight bytes that say what kind of node it is; a signature takes them as one word.
    node_kind kind = node_kind::leaf;
    dtype type = dtype::f32;
    std::uint8_t rank = 0;
    precision bounds = precision::standard;  // under which it was recorded
    bool contiguous = false;         // leaves: row-major without gaps
    bool borrowed_writable = false;  // leaves: the user's own memory, which writes go to
    std::uint8_t reduce_axes = 0;    // reduce, scan: bit i is axis i; gather: the first axis of the result that the indices run along
    std::uint8_t keepdims = 0;       // gather: the indices run along all axes, broadcast

    std::atomic<node_state> state{node_state::pending};
    std::uint8_t demands = 0;  // how often evaluations needed it and did not store it
    std::uint16_t n_operands = 0;
    std::uint16_t n_scalars = 0;
    std::uint16_t reduce_code = 0;  // reduce, scan: the operation, and gives_index where its index is asked for; gather: 1 if the indices are known to be in range
    std::uint32_t line = 0;
    std::atomic<std::uint32_t> depth{0};  // operations one after the other that are pending up to here; at most, once others have computed some
    const char* file = nullptr;
    index_t size = 0;
    index_t extent[max_rank];

    // Leaves: the first element, strides in elements, and who keeps the memory alive.
    std::byte* data = nullptr;
    void* memory = nullptr;
    index_t stride[max_rank];
    std::atomic<node*> dense{nullptr};  // a contiguous copy of a leaf that is not, made when asked for

    // Pending nodes.
    const tape* program = nullptr;
    const index_map* map = nullptr;  // view, update, gather
    node** operands = nullptr;       // edges
    std::uint64_t* scalars = nullptr;
    const char* name = nullptr;
    node* operand_space[inline_operands];
    std::uint64_t scalar_space[inline_scalars];

    [[nodiscard]] bool is_done() const noexcept { return state.load(std::memory_order_acquire) == node_state::done; }
    [[nodiscard]] bool is_held() const noexcept { return (refs.load(std::memory_order_relaxed) & (one_edge - 1)) != 0; }
    [[nodiscard]] extents shape() const { return extents(std::span<const index_t>(extent, rank)); }
};

/// Gives back a node without references, and whatever only it held; no recursion.
SINTER_API void destroy(node* n) noexcept;

/// One reference to a node; Unit says which half of the count.
template <std::uint64_t Unit>
class node_ref {
public:
    node_ref() noexcept = default;
    /// Takes over a reference that is already counted.
    explicit node_ref(node* counted) noexcept : node_{counted} {}
    node_ref(const node_ref& other) noexcept : node_{other.node_} {
        if (node_ != nullptr) detail::add_to(node_->refs, Unit);
    }
    node_ref(node_ref&& other) noexcept : node_{std::exchange(other.node_, nullptr)} {}
    node_ref& operator=(node_ref other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~node_ref() { reset(); }

    void reset() noexcept {
        if (node* n = std::exchange(node_, nullptr); n != nullptr) {
            if (detail::take_last(n->refs, Unit)) detail::destroy(n);
        }
    }
    /// A further reference to a node that someone else keeps alive.
    [[nodiscard]] static node_ref share(node* n) noexcept {
        if (n != nullptr) detail::add_to(n->refs, Unit);
        return node_ref{n};
    }
    [[nodiscard]] node* get() const noexcept { return node_; }
    [[nodiscard]] node* operator->() const noexcept { return node_; }
    [[nodiscard]] node& operator*() const noexcept { return *node_; }
    [[nodiscard]] explicit operator bool() const noexcept { return node_ != nullptr; }
    /// The reference itself, now the caller's.
    [[nodiscard]] node* release() noexcept { return std::exchange(node_, nullptr); }

private:
    node* node_ = nullptr;
};

/// A user's hold on a node.
using handle = node_ref<node::one_handle>;
/// An expression's, a node's or a plan's hold on a node.
using edge = node_ref<node::one_edge>;

}  // namespace sinter::inline v1::detail
