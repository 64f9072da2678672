#pragma once

#include "runtime/execute.hpp"

#include <memory>

// A thread that makes machine code while portable code runs. It starts at the first plan that wants it, and ends with the process.

namespace sinter::inline v1::detail::runtime {

/// Has that thread make what p.compiled_after waits for. False, and nothing has happened, where there is no such thread (in the child of a process that had one,
/// at exit, or as none could be started) or it has much to do already.
bool compile_later(std::shared_ptr<const ready_plan> p) noexcept;

/// Waits until all that it was given is made. Not inside of base::at_work, which the thread may be waiting for.
void finish_compiling() noexcept;

/// Plans that it has made code for.
[[nodiscard]] std::size_t compiled_in_background() noexcept;

}  // namespace sinter::inline v1::detail::runtime
