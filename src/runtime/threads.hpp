#pragma once

#include "base/function_ref.hpp"
#include "plan/node_split.hpp"

namespace sinter::inline v1::detail::runtime {

/// More threads than this are refused.
inline constexpr int most_threads = 1024;

/// Threads that a parallel region may use: what set_threads said, else SINTER_THREADS, else the processors that the
/// process may use. 1 in a child of fork whose parent had started threads, as those do not exist there.
/// Throws settings_error, naming the value, if SINTER_THREADS is not a number from 1 to most_threads.
[[nodiscard]] int max_threads();

/// What max_threads() gives before set_threads has said anything.
[[nodiscard]] int default_threads();

/// Threads that the calling thread may use: what its own options say, else max_threads().
[[nodiscard]] int allowed_threads();

/// For all regions that start from now on. May exceed the processors; threads are then not pinned.
/// Throws settings_error unless 1 <= n <= most_threads.
void set_threads(int n);

/// Calls body(p) exactly once for each p in [0, parts) and returns when all are done. Rethrows the first exception;
/// parts that had not started by then are left out. Where there is no memory to start others with, the calling thread does what is left.
///
/// Part p goes to slot p of as many threads, each pinned to a processor, so that the same part meets the same caches
/// and the same NUMA node at every region; only when a thread is late does another take its part over. The calling
/// thread is slot 0 and is not pinned: instead the thread whose processor it has come to sit on makes way for it.
/// From within a body, and with one part, it is a plain loop. May be called from several threads at a time, which
/// then share the slots. Threads start at the first call that needs them. Where nodes are shared, each has slots of its own, and part p belongs to the node
/// that split_over_nodes(parts) says.
///
/// Costs about 0.4 us for two threads when the last region was less than 100 us ago. After that they sleep, and
/// waking one costs the caller 10 to 30 us and the part 20 to 100 us until it starts (virtual machine, two cores).
void parallel(int parts, base::function_ref<void(int)> body);

/// The same with so many threads instead of max_threads().
void parallel_on(int threads, int parts, base::function_ref<void(int)> body);

/// The same where nodes are shared, each part on threads of its node by the split. Other nodes' threads never take a part over.
void parallel_over(const plan::node_split& split, base::function_ref<void(int)> body);

/// Whether the calling thread is inside a body.
[[nodiscard]] bool inside_parallel() noexcept;

}  // namespace sinter::inline v1::detail::runtime
