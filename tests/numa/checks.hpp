// What the checks inside a machine share: the machine as it is, the log of which processor ran which rows, and lines of TAP.
#pragma once

#include "truth.hpp"

#include "runtime/place_steps.hpp"

#include <sinter/sinter.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace numa {

using sinter::detail::runtime::part_record;

extern truth real;
extern int failures;

void check(bool good, const std::string& name, const std::string& why = {});

/// On SIGUSR2 the program tells where each of its threads stands, and ends with exit code 3. For runs that do not come to their end.
void tell_on_signal();

/// Every page is where the map of rows says.
void check_pages(const std::string& name, const void* start, std::size_t bytes, std::size_t wanted_slack = 0);

struct seen_part {
    part_record record;
    int cpu = -1;
};

/// To be told of parts of kernels.
void listen(const part_record& r);
/// What was seen since the last time; it is forgotten then.
[[nodiscard]] std::vector<seen_part> take_seen();
/// The same, not forgotten.
[[nodiscard]] std::vector<seen_part> copy_seen();
/// What was seen since the last time: every row once, by the node whose row it is.
void check_log(const std::string& name, std::size_t least_kernels = 1);

[[nodiscard]] std::size_t node_of_cpu(int cpu);
[[nodiscard]] long page_faults();
/// The number behind a name in a file of the system, in KiB or pieces; -1 if there is none.
[[nodiscard]] long number_in(const std::string& file, const std::string& name);
/// Binds the calling thread.
void stay_on(const std::vector<int>& cpus);
[[nodiscard]] std::vector<int> all_cpus();
/// 0, 1, 2, ... and again from 8191 on.
[[nodiscard]] std::vector<float> some_values(index_t n);

template <class T>
void digest(const std::string& name, const sinter::array<T>& a) {
    std::uint64_t h = 0xcbf29ce484222325;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(a.data());
    for (std::size_t i = 0; i < static_cast<std::size_t>(a.size()) * sizeof(T); ++i) h = (h ^ bytes[i]) * 0x100000001b3;
    std::printf("digest %s %016llx\n", name.c_str(), static_cast<unsigned long long>(h));
}

template <class T>
void pages_of(const std::string& name, const sinter::array<T>& a) {
    if (real.shared) check_pages(name, a.data(), static_cast<std::size_t>(a.size()) * sizeof(T));
}

// What is done in a run of its own, or at the end of one: threads.cpp and policies.cpp.
void unpinned();
void beside_caller();
void beside_tbb();
void full_width();
void few_threads();
void pinned_first();
void refused();
void refused_alone();
void bound();
void bound_crowded();
void interleaved();
void crowded();
void reserved();

}  // namespace numa
