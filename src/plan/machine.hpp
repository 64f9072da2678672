#pragma once

#include "base/operation_table.hpp"

#include <sinter/detail/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace sinter::inline v1::detail::plan {

/// Instruction sets that kernels exist for, each including the one before.
enum class isa : std::uint8_t {
    portable,  // what the library was compiled for
    avx2,      // AVX2, FMA, BMI2, F16C
    avx512,    // AVX-512 F, BW, DQ, VL, CD on top
};

/// "portable", "avx2" or "avx512".
[[nodiscard]] const char* name_of(isa set) noexcept;

/// Bytes per second that loops move, loads and stores together, by how much of it they read: all of it, two thirds, half, nothing. Reads for
/// ownership are not counted. 0: not measured.
struct traffic_rates {
    double read = 0;
    double columns = 0;  // all of it, down columns of a matrix, which reads some lines of each row at a time
    double triad = 0;
    double copy = 0;
    double write = 0;
    bool operator==(const traffic_rates&) const = default;
};

/// Types whose vectors cost the same: floats, doubles, integers of up to 32 bits, and of 64.
enum class cost_class : std::uint8_t { f32, f64, i32, i64 };
inline constexpr std::size_t cost_classes = 4;
[[nodiscard]] constexpr cost_class cost_class_of(dtype t) noexcept {
    if (is_floating(t)) return t == dtype::f64 ? cost_class::f64 : cost_class::f32;
    return t == dtype::i64 || t == dtype::u64 ? cost_class::i64 : cost_class::i32;
}

/// What the cost model knows of the machine. Plain data: a test may write down any machine it likes.
struct machine {
    struct cache_level {
        std::size_t bytes = 0;    // that one core can use, as the processor tells; 0: there is no such level
        double bandwidth = 0;     // bytes per second of one core, two loads to a store
        bool shared = false;      // by several cores
        traffic_rates one{};      // of one core
        traffic_rates all{};      // of all threads together
        // How much of the shorter one is added where a kernel computes on what comes from here: 0 where computing and moving overlap perfectly, 1 not at all.
        double overlap_loss = 0;
        // As measured: of so many bytes that are gone over again and again it has half. A guest shares a server's last cache with others. 0: not measured, or as told.
        std::size_t usable = 0;

        /// Bytes that it holds.
        [[nodiscard]] std::size_t room() const noexcept { return usable > 0 ? usable : bytes; }
        bool operator==(const cache_level&) const = default;
    };

    isa best = isa::portable;  // the widest set that the processor and the system allow
    int threads = 1;           // processors that this process may use
    double clock_hz = 0;       // cycles per second of a busy core

    int vector_bytes = 16;              // bytes in a vector register of `best`
    double vector_ops_per_cycle = 0;    // simple vector operations of any kind, FMA included, per cycle of one core
    double fma_per_cycle = 0;           // vector FMAs, per cycle of one core; 0: no such instruction
    double loads_per_cycle = 0;         // vector loads that hit L1, per cycle
    double stores_per_cycle = 0;        // vector stores that hit L1, per cycle
    double div_cycles_per_vector = 0;   // cycles per vector division of floats, one after the other; double takes twice as long per element
    double sqrt_cycles_per_vector = 0;  // the same for square roots

    cache_level l1, l2, l3;
    double memory_bandwidth_one = 0;  // bytes per second of one thread, loads and ordinary stores, reads for ownership not counted
    double memory_bandwidth_all = 0;  // the same of all threads together
    double streaming_gain = 1;        // how much faster memory-bound kernels that write are with streaming stores, a factor
    traffic_rates memory_one, memory_all;        // ordinary stores
    traffic_rates streaming_one, streaming_all;  // streaming stores
    double memory_overlap_loss = 0;              // as a cache's
    double streaming_loss = 0;                   // the same of stores past the caches beside what is read from the last cache

    std::size_t far_ahead = 8192;                // bytes ahead at which lines are asked for that memory has

    double wake_seconds_hot = 0;                 // a parallel region, empty, shortly after another one
    double wake_seconds_idle = 0;                // the same when the threads sleep: until the last of them has started
    double kernel_call_seconds = 0;              // calling a compiled kernel: arguments, call, return
    double statement_seconds = 0;                // recording a statement and evaluating it by a plan that is known, without its kernel
    double page_fault_seconds_4k = 0;            // the first touch of a page of 4 KiB
    double page_fault_seconds_huge = 0;          // the first touch of a page of 2 MiB
    double compile_seconds = 0;                  // compiling a kernel, without its instructions
    double compile_seconds_per_instruction = 0;  // for each instruction that is emitted

    // Cycles of an operation on one vector, one after the other, by code and cost_class; 0: not measured, taken from its op_cost.
    std::array<std::array<float, cost_classes>, base::operation_codes> cycles{};

    std::string measured;  // when, as 2026-01-31T12:00Z; empty: defaults

    bool operator==(const machine&) const = default;
};

/// This machine, by cpuid and /sys; what they do not tell is a default for the kind of processor. Measures nothing,
/// so that it is quick and always gives the same.
[[nodiscard]] machine detect();

/// The processor's name as it tells it; "x86-64" if it has none. For reports: asked each time.
[[nodiscard]] std::string processor_name();

/// NUMA nodes that are there, used by this process or not; 1 if the system does not tell. Asked each time.
[[nodiscard]] int numa_nodes();

/// The processor's maker, family, model and stepping as it tells them, such as "AuthenticAMD 26.2.1".
[[nodiscard]] std::string processor_model();

/// Detected at the first call and kept.
[[nodiscard]] const machine& host();

/// The machine when kernels are limited to an instruction set. `set` must not be wider than `m.best`.
[[nodiscard]] machine limited_to(machine m, isa set);

}  // namespace sinter::inline v1::detail::plan
