#pragma once

#include <sinter/detail/config.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace sinter::inline v1 {

/// One kernel of a plan.
struct kernel_report {
    std::string backend;           // "jit-avx512", "jit-avx2" or "portable"
    std::string kind;              // "map", "loop" (a map whose elements go through a loop of their own), "row_reduce" or "column_reduce"
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
    std::vector<std::string> names;  // by named(), of what it computes
    std::size_t calls = 0;   // by a profile: how often it ran,
    double measured_seconds = 0;  // and how long in all;
    double passed_over = 0;       // and elements, in all, that were not looked at, as what any or all gives was known without them
};

/// A choice that was made on the way to a plan: every option gives the same bits.
struct decision_report {
    struct option {
        std::string name;
        double seconds = -1;  // predicted, as far as the options differ; negative: not estimated
        std::string refused;  // why it is not possible; empty: it is
    };
    std::string kind;    // "fuse", "store", "hold", "loops", "tile", "stream", "threads", "backend", "collapse", "unroll", "pipeline", "compile" or, where NUMA nodes are shared, "nodes"
    int kernel = -1;     // that it is about; -1: none
    std::string value;   // that it is about, in a few words
    std::string source;  // file:line of its statement, and its name
    std::vector<option> options;
    std::size_t taken = 0;  // of the options
    bool forced = false;    // by a test
};

/// A value of a graph, as to_dot draws it.
struct value_report {
    std::string text;
    std::string source;
    bool memory = false;       // has memory of its own
    std::vector<int> reads;    // places of other values
    std::vector<int> kernels;  // that compute it; none: it is there already
};

/// What an evaluation would do.
struct plan_report {
    std::vector<kernel_report> kernels;  // in order of execution
    double peak_bytes = 0;               // outputs and temporaries at their most
    double predicted_seconds = 0;

    [[nodiscard]] SINTER_API std::string to_string() const;
    /// The graph as it was recorded and as it was planned, kernels as boxes around their values, for Graphviz.
    [[nodiscard]] SINTER_API std::string to_dot() const;
    [[nodiscard]] SINTER_API std::string to_json() const;

    /// Which kernel reads what which other one writes: pairs of places in kernels.
    std::vector<std::pair<int, int>> flows;
    /// The graph before and after the passes, one line a value.
    std::string graph_before, graph_after;
    /// By a profile: of all kernels together.
    double measured_seconds = 0;
    /// By a profile: pages that the system had to give to the process meanwhile, by whichever thread. Recycled memory costs none.
    std::size_t page_faults = 0;
    /// What was chosen and what was not, by kernel.
    std::vector<decision_report> decisions;
    /// The same graphs, for pictures.
    std::vector<value_report> values_before, values_after;

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
    std::string processors;  // that the threads may be on, as "0-3,8"
    int numa_nodes = 1;      // that are there
    std::string numa;        // SINTER_NUMA: "auto", "force" or "off"
    int numa_shared = 1;     // nodes that work and memory are shared by
    std::string numa_note;   // what the system refused or was told before; empty if there is nothing to tell
    std::size_t l1_bytes = 0, l2_bytes = 0, l3_bytes = 0;
    double bandwidth_one_thread = 0, bandwidth = 0;  // bytes per second, as the cost model takes them
    std::string libraries;                           // names and versions of what it is built on
    std::size_t declined = 0;                        // kernels that the JIT declined
    std::vector<std::string> declined_reasons;
    std::size_t segments = 0;  // chains of pending statements that were computed because they had become long
    // What the cost model takes the machine for.
    std::string measured;      // when it was measured, as 2026-01-31T12:00Z; empty: defaults by the kind of processor
    std::string machine;       // every number, as `key value` lines: bytes, seconds, bytes per second, cycles
    std::string machine_file;  // where measured numbers are kept; empty where nothing is
    std::string machine_note;  // why that file was not used or not written; empty if there is nothing to tell

    [[nodiscard]] SINTER_API std::string to_string() const;
    template <class Traits>
    friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const runtime_info& i) {
        return out << i.to_string().c_str();
    }
};

[[nodiscard]] SINTER_API runtime_info about();

/// Measures the machine with kernels like those of evaluations: bandwidth of each cache and of memory by direction and threads, streaming stores, the
/// operations, parallel sections, page faults, compiling. Plans made from now on are weighed by it, plans made before are forgotten; values stay the same to
/// the last bit. Gives about().
///
/// Takes a second or two and some memory (64 MiB to a little more than the last cache, or 256 MiB), and all threads: call it while little else runs, best once on a machine.
/// The numbers are kept in SINTER_CACHE_DIR (else sinter/ in the user's cache folder), for this processor, instruction set and number
/// of threads, and later processes use them; with SINTER_CACHE=memory or off they are not kept. A file that cannot be read, is damaged or of another machine is
/// no error, nor is a folder of the user's that cannot be written to: about() tells. Nothing is measured unless this or calibrate_in_background() is called.
/// Safe from any thread. Throws memory_error if there is not enough memory, and settings_error, before it measures, if SINTER_CACHE_DIR is a folder that
/// numbers cannot be kept in; what was in use then stays.
SINTER_API runtime_info calibrate();

/// Lets a long program measure the machine on the way: when a plan is made more than so many seconds after the first one, and nothing was measured or found on
/// disk, a thread of its own does once what calibrate() does. Not done unless asked for, since what else the program does then makes the numbers worse and
/// is itself slower for a second. A program that ends sooner, or makes no more plans, measures nothing; one that ends meanwhile drops it.
/// What goes wrong is told by about() only. Throws value_error unless the seconds are finite and not negative.
SINTER_API void calibrate_in_background(double after_seconds = 5);

/// An operation on elements, as its struct describes it.
struct operation_report {
    std::string name;
    int arity = 0;
    bool primitive = false;             // machine instructions do it; the others are bodies over these
    bool floating_only = false;         // integers have to be cast first
    bool integer_only = false;          // there is none of floating types
    double ulp = 0, ulp_double = 0;     // largest error of float and of double, in units in the last place; 0.5 is rounded right
    double fast_ulp = 0, fast_ulp_double = 0;  // the same under precision::fast
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
    std::size_t in_background = 0;  // plans whose kernels were made by another thread while portable code ran
};

/// The kernels in memory.
class SINTER_API kernel_cache_view {
public:
    /// Waits for what another thread compiles.
    [[nodiscard]] cache_stats stats() const;
    /// Forgets all kernels and plans; those in use live on until they are done.
    void clear() const;
};
[[nodiscard]] inline kernel_cache_view kernel_cache() noexcept { return {}; }

}  // namespace sinter::inline v1
