#pragma once

namespace sinter::inline v1::detail::base {

/// Keeps the shared object that holds this copy of the library in memory until the process ends, whoever closes it: TBB's threads and
/// the ends of threads call back into it. Opened again it finds its pools and caches as they were. Nothing happens in a program
/// itself. Call without locks: it takes the dynamic linker's.
void stay_loaded() noexcept;

}  // namespace sinter::inline v1::detail::base
