#pragma once

#include "codegen/kernel.hpp"
#include "plan/machine.hpp"

#include <sinter/detail/operation.hpp>

#include <sinter/detail/extents.hpp>

#include <cstddef>
#include <span>
#include <vector>

// The cost model: pure functions of a machine and of what a kernel does.

namespace sinter::inline v1::detail::plan {

/// What one kernel does in all.
/// Cycles of an element that is read where an index says. Measured on Zen 5 and near enough elsewhere: an index goes through memory to an address.
inline constexpr double gather_cycles = 1.5;

struct work {
    double elements = 0;      // of the iteration space
    int lanes = 16;           // elements that one vector step handles
    double cycles = 0;        // of what was measured, for one step
    double divider_cycles = 0;  // the same of divisions and square roots, which run beside the rest
    double instructions = 0;  // simple vector instructions for one step that were not, loads, stores and products left out
    double products = 0;      // multiplications and fused ones for one step
    double divisions = 0;     // vector divisions for one step, in units of float vectors
    double roots = 0;         // the same of square roots
    double looped = 0;        // operations in all turns of a loop, which `cycles` has: a block at a time each of them goes through memory
    double loads = 0;         // vectors loaded for one step
    double stores = 0;
    double bytes_read = 0;  // each operand's memory once
    double bytes_written = 0;
    double footprint = 0;  // bytes that it touches in all
    double calls = 1;      // of the kernel, each for some rows
    double steps = 0;      // vector steps, those that are not full included; 0: as many as the elements fill
    double length = 0;      // instructions of one step in all
    double rare = 0;        // and of those that hardly any step needs
    double path = 0;        // cycles from a step's loads to its stores where nothing has to wait but for its operands
    double row_cycles = 0;  // in all, of the rows beside their steps
    /// Each memory that it touches, for those that are not as far away as the footprint: parts of bytes_read and bytes_written.
    struct flow {
        double bytes = 0;
        double distance = 0;  // bytes touched since it was
        bool written = false;
        bool across = false;      // read down columns
        bool turned = false;      // by tiles that are transposed, or stored by squares: in runs that are short for what asks for memory ahead
        std::uint32_t place = 0;  // the operand
    };
    std::vector<flow> flows{};
    double in_turns = 1;       // times that memory takes several threads what it would, as each keeps its pieces until those before them are known
    bool squares = false;      // transposed in registers
    bool beside_rows = false;  // with operands that are read along their rows
    bool side_by_side = false;  // instructions of many independent steps, which keep all units busy
};

struct estimate {
    double seconds = 0;
    double compute_seconds = 0;
    double memory_seconds = 0;
    int threads = 1;
    bool streaming = false;
    [[nodiscard]] bool memory_bound() const noexcept { return memory_seconds > compute_seconds; }
};

/// What an operation on operands of a type does to one vector.
[[nodiscard]] op_cost cost_of(const machine& m, std::uint16_t code, dtype operand);

/// The same as a number of instructions, at least one.
[[nodiscard]] std::size_t instructions_of(const machine& m, std::uint16_t code, dtype operand);

/// The same of one turn of a loop, by the number of its body.
[[nodiscard]] std::size_t instructions_of_turn(const machine& m, std::size_t body);

/// Whether any operation was added.
[[nodiscard]] inline bool computes(const work& w) noexcept { return w.cycles + w.divider_cycles + w.instructions + w.products + w.divisions + w.roots > 0; }

/// What a loop adds to each step of so many lanes. limit: of its turns; -1 where it is not known.
void add_loop(work& w, const machine& m, std::size_t body, std::int64_t limit, double lanes);

/// The turns that a loop is taken to make where they may be any up to a limit, or where -1 says that the limit is not known.
[[nodiscard]] double likely_turns(std::int64_t limit);

/// What an operation adds to each step where its values are so many vectors.
void add_operation(work& w, const machine& m, std::uint16_t code, dtype operand, double vectors);

/// Cycles of an operation on one vector: as measured, or by what it is made of.
[[nodiscard]] double cycles_of(const machine& m, std::uint16_t code, dtype operand);

/// What moves: which share of it is read, and whether down columns.
struct mix {
    double read_share = 1;
    bool across = false;
};

/// How far ahead code asks for the lines that it reads one after another, of so many bytes in all; 0: it does not. long_rows: it reduces those.
[[nodiscard]] std::uint16_t bytes_ahead(const machine& m, double footprint, int threads, bool long_rows) noexcept;

/// Bytes per second that so many threads move together where what they touch is so many bytes away.
[[nodiscard]] double bandwidth(const machine& m, double distance, int threads, mix what);

/// Bytes that are read, from so far away.
struct reading {
    double bytes = 0;
    double distance = 0;
};

/// Seconds of so many threads where what they write goes past the caches.
[[nodiscard]] double streaming_seconds(const machine& m, double written, std::span<const reading> reads, int threads);

/// Whether so many bytes fit no cache.
[[nodiscard]] bool beyond_caches(const machine& m, double bytes);

/// Time on so many threads, with streaming stores or not.
[[nodiscard]] estimate predict(const machine& m, const work& w, int threads, bool streaming);

/// Seconds that whoever reads the results next is likely to wait longer where they went past caches that would have kept them.
[[nodiscard]] double missed_later(const machine& m, const work& w, int threads);

/// Of the time on one thread, what several have to stay below to be used. Small gains are none, but where much is moved: what memory gives to several threads
/// changes with what else the machine does, up to twice what was measured, and they lose nothing.
[[nodiscard]] double worth_threads(const estimate& one) noexcept;

/// The fastest of the allowed choices.
[[nodiscard]] estimate choose(const machine& m, const work& w, int max_threads, bool may_stream);

/// Seconds that one more pass over so many bytes costs so many threads where the working set has so many.
[[nodiscard]] double transfer_seconds(const machine& m, double bytes, double footprint, int threads);

/// Instructions that load or store one vector of so many lanes by pieces of memory, for elements so far apart. Every piece but the first
/// (of a single one: every one that is reversed) takes a permutation besides.
[[nodiscard]] double pieces(index_t stride, double lanes);

/// Cycles of a row of so many vectors beside its steps: its pointers, its mask, and what makes one number of lanes. Down columns each row
/// waits for the one before. Measured with rows of 2 to 64 floats.
[[nodiscard]] double row_cycles(codegen::kernel_kind kind, std::size_t reductions, double vectors);

/// The same of a pair of rows of n elements that go side by side with others (launch::beside): how many lanes a pair has, and vectors of them. Measured with 16 to 768
/// floats and doubles.
[[nodiscard]] double pair_cycles(const machine& m, std::size_t reductions, double lanes, double vectors_of_lanes, double n);

/// Cycles from an operation's operands to its result.
[[nodiscard]] double latency_of(const machine& m, std::uint16_t code, dtype operand);

/// Cycles of a step of a long body, which has few others in flight beside it.
[[nodiscard]] double waiting_cycles(const work& w);

/// Stores that one strided one is worth, for elements so far apart: pieces are masked, which takes its time. Measured with strides of 2 to 15.
[[nodiscard]] double strided_stores(index_t stride, double lanes);

/// Cycles of one vector step of so many instructions.
[[nodiscard]] double step_cycles(const machine& m, const work& w);

}  // namespace sinter::inline v1::detail::plan
