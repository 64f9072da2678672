#pragma once

#include "plan/machine.hpp"

#include <string>

namespace sinter::inline v1::detail::runtime {

/// The machine that plans are made for, with kernels of at most this instruction set (the same at every call in a process). At the first call what
/// an earlier calibration has left on disk, else the defaults. Never changes and lives for ever: another calibration makes another one.
/// Safe from any thread.
[[nodiscard]] const plan::machine& machine_in_use(plan::isa target);

/// Why a file was not used or not written; empty if there is nothing to tell.
[[nodiscard]] std::string machine_note();

/// Measures, puts the result in use and on disk. A second caller waits, and then measures again.
void measure_machine(plan::isa target);

}  // namespace sinter::inline v1::detail::runtime
