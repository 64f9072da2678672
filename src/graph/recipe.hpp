#pragma once

#include "graph/capture.hpp"

#include <memory>
#include <vector>

namespace sinter::inline v1::detail::graph {

/// How to capture once more what has been captured before: the nodes in the order of the capture, each with where it is found and all that its
/// signature said. Walking it costs a compare or two for each node: no table, no signature, no hash.
class recipe {
public:
    /// More nodes than this are not worth remembering: planning them is not what their evaluation waits for.
    static constexpr std::size_t most_nodes = 1024;

    recipe() noexcept = default;
    explicit recipe(const capture& c);

private:
    friend class capture;

    /// A captured node, so that equal ones mean the same to a plan.
    struct ingredient {
        std::uint64_t kind = 0;     // the eight bytes of node::kind
        std::uint64_t program = 0;  // the tape's number
        std::uint32_t numbers = 0;  // where in the numbers its extents stand, and behind them the strides of memory with gaps
        std::uint32_t map = 0;      // where in the maps; only if it has one
        std::uint32_t first_operand = 0;
        std::uint32_t users = 0;
        std::uint16_t reduce_code = 0;
        std::uint16_t n_operands = 0;
        bool has_map = false;
        bool edges_elsewhere = false;  // something that was not captured has it as an operand
    };

    /// Whether the claimed or done node is as it was.
    [[nodiscard]] bool fits(const ingredient& i, const captured_node& as, const node& n) const noexcept;

    std::vector<ingredient> ingredients_;
    std::vector<index_t> numbers_;
    std::vector<index_map> maps_;
    std::vector<std::uint32_t> operands_;  // places; first_met is set where a node is met first on the way from the last place to the first
    std::vector<captured_node> nodes_;     // without the nodes themselves
    std::vector<std::uint32_t> roots_;     // likewise
    std::vector<bool> external_;

    static constexpr std::uint32_t first_met = std::uint32_t{1} << 31U;
};

/// A tape's number: never zero, and never that of another tape, even one that a library loaded later has at the same address.
[[nodiscard]] std::uint64_t number_of(const tape& t) noexcept;

}  // namespace sinter::inline v1::detail::graph
