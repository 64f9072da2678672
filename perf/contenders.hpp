// Who competes. Each function adds what it has for the problem; inputs must outlive the contenders.
#pragma once

#include <string>
#include <vector>

#include "cases.hpp"
#include "harness.hpp"

namespace perf {

// "ours": into recycled memory; "to": into the caller's memory; "fresh": into memory never touched before.
void add_ours(const problem& p, std::vector<contender>& out);

// "hand" and "hand fresh": loops in AVX-512 intrinsics. Nothing without AVX-512.
void add_hand(const problem& p, std::vector<contender>& out);

// "hand" where nothing is quicker to write than what the standard library has, on one thread. add_hand adds it.
void add_standard(const problem& p, std::vector<contender>& out);

// "eigen", on one thread: Eigen has no threads for these.
void add_eigen(const problem& p, std::vector<contender>& out);

// "dnnl", where Debian's oneDNN was found at build time: its primitives for softmax and layer norms, on as many threads as the problem.
void add_dnnl(const problem& p, std::vector<contender>& out);

// Of the oneDNN that is loaded; empty without one.
[[nodiscard]] std::string dnnl_version();

// "limit" and "limit nt" (streaming stores): as many bytes as the problem must move, with its kind of traffic.
void add_limit(const problem& p, std::vector<contender>& out);

// Operations a second that FMAs can reach on so many threads.
[[nodiscard]] double multiply_add_peak(int threads);

[[nodiscard]] bool has_avx512();

}
