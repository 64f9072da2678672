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

/// Throws settings_error where SINTER_CACHE_DIR is a folder in which the file of this machine cannot be kept.
void check_cache_folder(plan::isa target);

/// Measures, puts the result in use and on disk. A second caller waits, and then measures again.
void measure_machine(plan::isa target);

/// From now on note_new_plan() may measure.
void measure_later(double after_seconds);

/// That a plan was made. Where measure_later() has asked for it and the time has come, a thread starts that measures and then calls `done`, which must not throw
/// anything but bad_alloc.
void note_new_plan(plan::isa target, void (*done)());

}  // namespace sinter::inline v1::detail::runtime
