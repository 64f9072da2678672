#pragma once

#include <sinter/detail/config.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace sinter::inline v1 {

/// One kernel of a plan.
struct kernel_report {
    std::string backend;           // "jit-avx512", "jit-avx2" or "portable"
    std::string kind;              // "map", "row_reduce" or "column_reduce"
    std::vector<std::string> ops;  // the operations, in order
    std::string shape;             // what it iterates over
    int inputs = 0;
    int outputs = 0;
    double bytes_read = 0;  // at the largest level: every input once
    double bytes_written = 0;
    double flops = 0;   // a fused multiply-add counts as two
    std::string bound;  // "memory" or "compute"
    double predicted_seconds = 0;
    int threads = 1;
    bool streaming = false;  // stores go past the caches
    std::string why;         // why it was cut here
    std::string source;      // file:line of the first statement with a line
};

/// What an evaluation would do.
struct plan_report {
    std::vector<kernel_report> kernels;  // in order of execution
    double peak_bytes = 0;               // outputs and temporaries at their most
    double predicted_seconds = 0;

    [[nodiscard]] SINTER_API std::string to_string() const;
    /// The kernels and what flows between them, for Graphviz.
    [[nodiscard]] SINTER_API std::string to_dot() const;
    [[nodiscard]] SINTER_API std::string to_json() const;

    /// Which kernel reads what which other one writes: pairs of places in kernels.
    std::vector<std::pair<int, int>> flows;
    /// The graph before and after the passes, one line a value.
    std::string graph_before, graph_after;

    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const plan_report& r) {
        return out << r.to_string().c_str();
    }
};

/// How the library sees the machine and itself.
struct runtime_info {
    std::string version;
    std::string isa;  // the instruction set in use
    std::string cpu;
    int threads = 1;
    int numa_nodes = 1;
    std::size_t l1_bytes = 0, l2_bytes = 0, l3_bytes = 0;
    double bandwidth_one_thread = 0, bandwidth = 0;  // bytes per second, as the cost model takes them
    std::string libraries;                           // names and versions of what it is built on
    std::size_t declined = 0;                        // kernels that the JIT declined
    std::vector<std::string> declined_reasons;
    std::size_t segments = 0;  // chains of pending statements that were computed because they had become long

    [[nodiscard]] SINTER_API std::string to_string() const;
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const runtime_info& i) {
        return out << i.to_string().c_str();
    }
};

[[nodiscard]] SINTER_API runtime_info about();

/// An operation on elements, as its struct describes it.
struct operation_report {
    std::string name;
    int arity = 0;
    bool primitive = false;             // machine instructions do it; the others are bodies over these
    bool floating_only = false;         // integers have to be cast first
    bool integer_only = false;          // there is none of floating types
    double ulp = 0, ulp_double = 0;     // largest error of float and of double, in units in the last place; 0.5 is rounded right
};

/// Every operation there is, by code.
[[nodiscard]] SINTER_API std::vector<operation_report> operations();

struct cache_stats {
    std::size_t kernels = 0;     // held
    std::size_t code_bytes = 0;  // machine code held
    std::size_t hits = 0;        // a kernel, or a whole plan, that was there
    std::size_t misses = 0;      // kernels made
    std::size_t plans = 0;       // whole plans held
    std::size_t plan_hits = 0, plan_misses = 0;
    double compile_seconds = 0;  // spent in making kernels
};

/// The kernels in memory.
class SINTER_API kernel_cache_view {
public:
    [[nodiscard]] cache_stats stats() const;
    /// Forgets all kernels and plans; those in use live on until they are done.
    void clear() const;
};
[[nodiscard]] inline kernel_cache_view kernel_cache() noexcept { return {}; }

}  // namespace sinter::inline v1
