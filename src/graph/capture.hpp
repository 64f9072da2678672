#pragma once

#include "graph/graph.hpp"
#include "graph/node.hpp"

#include <array>
#include <memory>
#include <span>
#include <vector>

namespace sinter::inline v1::detail::graph {

/// One node of what is to be evaluated.
struct captured_node {
    node* n = nullptr;
    // Eight bytes that a signature takes as one word.
    bool done = false;  // memory
    bool root = false;
    bool external = false;       // a root that goes to the user's memory; the node stays pending
    bool held = false;           // pending, and the program still has it
    bool wanted_before = false;  // an earlier evaluation needed it and did not store it
    bool sole = false;           // memory that nothing looks at once this evaluation is done
    bool stays = false;          // a pending node that may be asked for again, so that its operands are needed further on
    bool spare = false;
    std::uint32_t first_operand = 0;  // in the capture's operands; as many as the node has
    std::uint32_t users = 0;          // how often captured nodes have it as an operand
};

class recipe;

/// Whether two done nodes are the same elements of the same memory: views that were made apart.
[[nodiscard]] bool is_same_memory(const node& a, const node& b) noexcept;

/// The eight bytes that say what kind of node it is, as a word. Memory does not depend on the statement that it once was.
[[nodiscard]] std::uint64_t kind_word(const node& n, bool done) noexcept;

/// Whether nothing will read a captured node's memory again: one edge, from a node that will be memory itself, and no handle.
[[nodiscard]] bool is_sole(const captured_node& c, const node& n) noexcept;

/// The pending nodes under some roots, claimed for this thread until it is destroyed, and the memory they read. Operands stand
/// before their users. The signature is everything but addresses and numbers: equal signatures make equal plans.
class capture {
public:
    struct root {
        node* n = nullptr;
        bool external = false;
        std::byte* out = nullptr;  // the user's memory
    };

    /// Of nothing yet. want_held: as if every pending value that the program holds had been wanted before.
    explicit capture(bool want_held = false);
    capture(const root* roots, std::size_t count) : capture() { take(roots, count); }
    capture(const capture&) = delete;
    capture& operator=(const capture&) = delete;
    /// Gives back what is still pending.
    ~capture();

    /// Waits for other threads that are evaluating a part of it.
    void take(const root* roots, std::size_t count);
    /// The same if it is what the recipe was made of; else nothing has happened. Waits for nobody, and makes no signature.
    [[nodiscard]] bool take(const root* roots, std::size_t count, const recipe& known);

    /// Gives back every claim but those of these nodes, which are in the capture's order. The caller makes memory of them and then calls end().
    void give_back_but(const std::vector<node*>& kept) noexcept;
    /// There is nothing left to give back: the nodes may not be looked at any more.
    void end() noexcept { s_.clear(); }

    [[nodiscard]] const std::vector<captured_node>& nodes() const noexcept { return s_.nodes; }
    [[nodiscard]] std::uint32_t operand_of(const captured_node& c, std::size_t i) const noexcept { return s_.operands[c.first_operand + i]; }
    /// Adds a last word to the signature.
    void sign(std::uint64_t word) noexcept { s_.signature[s_.signed_words++] = word; }
    /// Where each root stands; roots that are given twice stand once.
    [[nodiscard]] const std::vector<std::uint32_t>& roots() const noexcept { return s_.roots; }
    [[nodiscard]] std::span<const std::uint64_t> signature() const noexcept { return {s_.signature.data(), s_.signed_words}; }

private:
    /// A node whose operands are being collected.
    struct visit {
        node* n = nullptr;
        std::uint32_t next = 0;           // operand
        std::uint32_t first_operand = 0;  // in the list
        std::uint32_t entry = 0;          // in the table
        std::uint32_t for_operand = 0;    // where in the list its place belongs; no_place for a root
    };

    /// The lists of a capture; a thread's are used again by its next one.
    struct storage {
        std::vector<captured_node> nodes;
        std::vector<std::uint32_t> operands;
        std::vector<std::uint32_t> roots;
        std::vector<std::uint64_t> signature;  // room; signed_words of it are used
        std::size_t signed_words = 0;
        std::vector<visit> stack;
        // From nodes to places; no place while a node is on the stack. A list while there are few, then open addressing.
        std::vector<std::pair<node*, std::uint32_t>> table;
        std::size_t used = 0;
        bool hashed = false;
        // The done operands that were met last, by where their elements begin.
        struct memory_met {
            const std::byte* data = nullptr;
            std::uint32_t place = 0;
        };
        std::array<memory_met, 16> met;
        std::size_t n_met = 0;

        void clear() noexcept;
    };

    bool collect(const root* roots, std::size_t count, node*& in_the_way);
    void describe();
    void give_back() noexcept;
    /// Gives back the claims from a place on.
    bool give_up(std::size_t from) noexcept;
    /// The table's entry of a node, made if need be.
    [[nodiscard]] bool wanted_before(const node& n) const noexcept { return n.demands > 0 || (want_held_ && n.is_held()); }
    [[nodiscard]] std::uint32_t find(node* n);
    void grow_table();

    std::unique_ptr<storage> own_;
    storage& s_;
    bool want_held_;
};

/// What the captured statements mean, before any pass: one value for each operation, views as values.
[[nodiscard]] graph lower(const capture& c);

/// Claims a pending node for this thread; false if it is not pending.
[[nodiscard]] bool claim(node& n) noexcept;

/// Waits until nobody has the node claimed.
void wait_while_claimed(const node& n) noexcept;

}  // namespace sinter::inline v1::detail::graph
