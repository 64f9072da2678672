#pragma once

#include "graph/capture.hpp"
#include "plan/node_split.hpp"
#include "plan/plan.hpp"
#include "runtime/pipeline.hpp"
#include "runtime/straight.hpp"

#include <sinter/detail/node.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::runtime {

/// What a launch's call needs, apart from all that only explains it, in as few cache lines as possible.
struct ready_call {
    std::vector<call_start> starts;  // by place
    std::vector<index_t> strides;    // in bytes: of rows, then of elements, then of indices
};

/// What the lists of an execution have to have room for, and its tiles, whichever launch or chain needs most.
struct ready_needs {
    std::size_t params = 0, places = 0;
    std::size_t operand_words = 0;  // of operand_room
    std::size_t tile_bytes = 0;
};

/// A plan with the code of its kernels; the same for every capture of its signature.
struct ready_plan : std::enable_shared_from_this<ready_plan> {
    plan::plan steps;
    std::vector<ready_call> calls;                   // by launch
    straight_calls straight;                         // the same, where nothing but calls is needed
    std::vector<codegen::executable_ptr> code;       // by launch
    std::vector<codegen::executable_ptr> streaming;  // by launch; null where it would not pay
    std::vector<std::vector<codegen::executable_ptr>> lanes;  // by launch: for lanes in memory of one row, and of two lanes for each reduction; else of one step
    std::vector<ready_pipeline> pipelines;  // by chain
    ready_needs needs;
    bool threaded = false;   // some launch has several threads
    int compiled_after = 0;  // some kernels are portable ones, until it has run so often; 0: none is
    bool in_background = false;  // or less often, as another thread is to make their code
    mutable std::atomic<int> runs{0};
    mutable std::atomic<bool> being_compiled{false};
    mutable std::atomic<const ready_plan*> compiled{nullptr};  // owned by the next, which is written once
    mutable std::shared_ptr<const ready_plan> owned;
    std::shared_ptr<const ready_plan> checks;        // runs first, if there is anything to check; its results are bytes
    std::vector<graph::divisor> divisors;            // numbers that are looked at, too
};

/// Compiles what a plan needs.
[[nodiscard]] std::shared_ptr<ready_plan> make_ready(plan::plan p);

/// The plan to run now: once it has run often enough, the one with machine code for all that waits for it, which this then
/// makes, if there is memory for it. Counts as a run.
[[nodiscard]] const ready_plan& compiled_when_it_pays(const ready_plan& p);

/// Makes that plan, unless somebody has or does. If it throws, nothing has happened.
void compile(const ready_plan& p);

/// An index that is out of range was found. Which one is told by throw_index, when nothing is claimed any more, as that may take an evaluation.
struct wrong_index {
    edge indices;
    index_t axis = 0, extent = 0;
    bool along = false;
    std::string where;

    [[noreturn]] void tell() const;
};

/// Runs a plan's checks, if it has any. Throws value_error, naming the statement, or wrong_index, if one fails.
void run_checks(const ready_plan& p, const graph::capture& c);

/// What a launch took, where somebody wants to know.
struct launch_measure {
    double seconds = 0;
    std::atomic<index_t> passed_over{0};  // elements that were not looked at, as the result was known without them
};

/// Runs a plan on a capture: everything is allocated first, then the kernels run, then the nodes get their memory. roots: what the capture was
/// made of, with the user's memory of external ones. If it throws, every node is as it was.
/// measured: if given, one for each launch, to which what it took is added.
void execute(const ready_plan& p, graph::capture& c, const graph::capture::root* roots, launch_measure* measured = nullptr);

/// Room for what each thread of a launch knows of the operands, had before anything runs. Few operands need none.
class operand_room {
public:
    static constexpr std::size_t few = 24;
    static constexpr std::size_t lists = 7;  // starts, pointers, origins, offsets, two strides, steps of indices

    [[nodiscard]] static std::size_t words_for(const plan::launch& l) noexcept;
    void make_for(std::size_t words) {
        if (words_.size() < words) words_.resize(words);
    }
    /// For one thread of the launch; null if there are few.
    [[nodiscard]] std::uint64_t* of(const plan::launch& l, std::size_t thread) noexcept;

private:
    std::vector<std::uint64_t> words_;
};

/// The code of one launch.
struct launch_code {
    const codegen::executable* usual = nullptr;
    const codegen::executable* streaming = nullptr;              // null where it would not pay
    const codegen::executable_ptr* lanes = nullptr;  // as in the plan: of a launch by squares, code for those, null if there is none
};
[[nodiscard]] inline launch_code code_of(const ready_plan& p, std::size_t launch) noexcept {
    return {p.code[launch].get(), p.streaming[launch].get(), p.lanes[launch].data()};
}

/// Runs one launch over its operands' first elements. split: where nodes are shared, else null. tiles: plan::tile_bytes(l) for each of its threads. room: made for the launch. Nothing throws.
void run_launch(const plan::launch& l, const launch_code& code, std::byte* const* base,
                const std::uint64_t* params, std::byte* tiles, operand_room& room, const plan::node_split* split = nullptr,
                launch_measure* measured = nullptr);

/// Runs a chain of a plan. base, params: the operands' first elements and the numbers of its launches, one launch after the other; values that
/// live in a tile lie in the first thread's memory. measured: by launch of the plan; only what they passed over is added. tiles: as for run_launch, for the launch that needs most. Nothing throws.
void run_chain(const plan::chain& c, const ready_plan& ready, std::byte* const* base, const std::uint64_t* params, std::byte* tiles,
               const plan::node_split* split = nullptr, launch_measure* measured = nullptr);

}  // namespace sinter::inline v1::detail::runtime
