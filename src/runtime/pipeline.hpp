#pragma once

#include "plan/plan.hpp"

namespace sinter::inline v1::detail::runtime {

/// The kernel of a chain that runs as a pipeline.
struct ready_pipeline {
    codegen::executable_ptr code;  // null: tile by tile
    bool streams = false;          // its results' rows have to begin with lines
    // Where they do not: the same code, but for a row that stays in the caches, and what copies that past them, and to a line that is not whole.
    codegen::executable_ptr beside, copy, copy_head;
};

/// As long as there is machine code for all of its launches.
[[nodiscard]] ready_pipeline pipeline_of(const plan::plan& p, const plan::chain& c);

}  // namespace sinter::inline v1::detail::runtime
