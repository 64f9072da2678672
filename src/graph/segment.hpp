#pragma once

#include <sinter/detail/node.hpp>

// A program that carries arrays from step to step and reads none of them would record for ever. So a pending chain that has become long
// is computed, and the next step begins with memory again.

namespace sinter::inline v1::detail::graph {

/// Operations one after the other that may be pending: about as many as one kernel takes, so that cutting there costs one trip through memory
/// for each few hundred operations.
inline constexpr std::uint32_t longest_chain = 256;

/// The same where the program's arrays take more than a quarter of the machine's memory: what is pending may be what holds them.
inline constexpr std::uint32_t longest_chain_short_of_memory = 16;

/// Sets the depth of a node that has its operands and is counted, and computes it if the chain has become long: at the statement where this
/// thread computed one before, if that comes soon, so that the same segments are met again and their plans with them.
void note_depth(node& n) noexcept;

/// Computes the node, and stores what the program holds on the way. If that fails the node stays pending: who asks for its value
/// will be told. Defined in eval.cpp, which lies above.
void compute_segment(node& n) noexcept;

/// Chains that were computed because they had become long.
[[nodiscard]] std::size_t segments_computed() noexcept;

}  // namespace sinter::inline v1::detail::graph
