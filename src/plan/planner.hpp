#pragma once

#include "plan/loops.hpp"
#include "plan/plan.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <vector>

// The planner's own state, shared by its steps: stores.cpp decides which values get memory, groups.cpp cuts the graph into kernels,
// build.cpp makes the kernels and their loops, memory.cpp gives them buffers.

namespace sinter::inline v1::detail::plan {

inline constexpr std::uint32_t no_group = ~std::uint32_t{0};
inline constexpr std::size_t no_axis = max_rank;

/// Stored values that one kernel computes, over one iteration space.
struct group {
    codegen::kernel_kind kind = codegen::kernel_kind::map;
    extents space;
    graph::reduced_axes reduced;
    std::vector<graph::value_id> seeds;
    std::vector<std::uint32_t> after;  // groups whose results it reads
    std::size_t instructions = 0;
    work does;  // as far as it is known before its loops are
    std::vector<graph::operand> reads;  // memory that it reads, and through which maps
    std::vector<std::uint64_t> computed;  // the operations in its loop, as keys of operands, ascending
    std::string why;            // '#' stands for the number of the kernel `other`
    std::uint32_t other = no_group;
};

class planner {
public:
    /// for_tiles: store values for which only a tile's memory would be worth it, trusting that chains are found.
    planner(const graph::graph& g, const request& r, bool for_tiles);
    plan run();
    /// After run(): values that several kernels compute, or one whose vectors have room for fewer of them, where a kernel that stores each of them
    /// would take less; those first that gain most. None is part of another one.
    [[nodiscard]] std::vector<graph::value_id> computed_again();
    [[nodiscard]] bool stores_for_tiles() const noexcept { return std::find(tile_only_.begin(), tile_only_.end(), 1) != tile_only_.end(); }

private:
    struct context {
        std::uint32_t space = 0;
        graph::map_id map = graph::identity;
        std::uint32_t level = 0;  // reductions that have to be done before: what is at different levels cannot be one kernel
        bool operator==(const context&) const = default;
    };

    // stores.cpp
    void place_roots();
    void force_stores();
    void weigh();
    void decide_stores();
    [[nodiscard]] bool gains_in_tiles(graph::value_id v) const;
    /// Seconds of a value that is looked at by so many elements: each time computed by so many cycles a vector, or once and read.
    struct store_seconds {
        double again = 0, once = 0, transfer = 0;
        [[nodiscard]] bool gains() const noexcept { return once < 0.9 * again; }
    };
    [[nodiscard]] store_seconds seconds_of_store(graph::value_id v, double looked_at, double cycles) const;
    /// Cycles of one vector step of a value, all that it is made of and that has no memory included, each once. computed: what that is.
    [[nodiscard]] double cycles_in_place(graph::value_id v, std::vector<std::uint64_t>& computed);
    [[nodiscard]] double cycles_of_value(graph::value_id v) const;
    /// Whether what is looked at through a map is the same along the last axis, which rows have for the most part: code computes it where a row begins.
    [[nodiscard]] bool same_along_rows(graph::map_id map, const extents& space) const;
    void keep_held();
    [[nodiscard]] std::uint32_t space_id(const extents& e);

    // groups.cpp
    void cut();
    void join(graph::value_id seed);
    [[nodiscard]] bool joins_loop(graph::value_id part);
    void store_what_gaps_divide(graph::value_id reduction);
    void read_by(graph::value_id seed, std::vector<graph::operand>& reads, std::size_t& instructions, std::vector<std::uint64_t>* computed = nullptr);
    [[nodiscard]] const char* why_not(const group& fresh, const group& h, std::uint32_t k, std::size_t shared) const;
    [[nodiscard]] std::size_t instructions_in(const group& h, const group& fresh) const;
    [[nodiscard]] bool reaches(std::uint32_t from, std::uint32_t to) const;
    void order();
    [[nodiscard]] bool same_loop(const group& h, graph::value_id seed, graph::operand read) const;

    // group_cost.cpp
    [[nodiscard]] work work_of(const group& k) const;
    [[nodiscard]] std::int64_t limit_of(const graph::value& loop) const;
    [[nodiscard]] double seconds_of(const group& k, double footprint) const;
    [[nodiscard]] group merged(const group& h, std::uint32_t k, const group& fresh) const;

    // build.cpp
    [[nodiscard]] launch build(const group& k);
    [[nodiscard]] bool collapses(const group& k) const;
    /// Which axes of a space are the inner loop and the rows.
    struct axes {
        std::size_t inner = no_axis, rows = no_axis;
        bool operator==(const axes&) const = default;
    };
    void lay_out(launch& l, const loop_space& s, const std::vector<index_t>& result_step, axes at) const;
    void set_accesses(launch& l) const;

    // launch_work.cpp
    void estimate_work(launch& l) const;
    /// Whether machine code for a map has vectors that go on from turn to turn (codegen/jit/rotation.cpp), if registers have room.
    [[nodiscard]] bool goes_on(const launch& l) const;
    /// Of the time that vectors wait which all end with the turn. Measured on Granite Rapids: without, tgamma, lgamma, erfc and asinh of float would be predicted to take twice as long as they do.
    static constexpr double waiting_of_several = 0.5;
    [[nodiscard]] double lines_touched(const launch& l, const place& p) const;
    void share_steps(launch& l) const;
    [[nodiscard]] bool aligned_stores(const launch& l) const;

    // working_set.cpp
    void place_in_caches();

    // tiles.cpp
    void take_rows_at_once(launch& l);
    void scan_in_steps(launch& l) const;
    void scan_beyond_caches(launch& l) const;
    void choose_tiles(launch& l);
    void place_tiles(launch& l) const;
    [[nodiscard]] bool spread_over_lanes(launch& l) const;
    [[nodiscard]] bool take_together(launch& l) const;
    void take_beside(launch& l) const;
    void take_blocks_together(launch& l) const;
    [[nodiscard]] bool sum_columns(launch& l) const;

    // choices.cpp
    [[nodiscard]] std::size_t decide(decision_kind kind, graph::value_id about, std::vector<option> options, std::size_t wanted);
    [[nodiscard]] axes choose_axes(const launch& l, const loop_space& s, const std::vector<index_t>& result_step, const std::vector<axes>& likely);
    [[nodiscard]] bool keeps_axes_apart(const launch& l, const loop_space& one, axes of_one, const loop_space& apart, axes of_apart);
    void choose_vectors(launch& l);
    void choose_compiling(launch& l);
    void run_best(launch& l) const;
    void choose_running(launch& l);
    void choose_backend(launch& l);
    [[nodiscard]] double priced(launch& l) const;
    void finish_decisions(const std::vector<std::vector<std::uint32_t>>& launches_of);

    // memory.cpp
    void give_memory();
    void share_temporaries();
    void copy_base(graph::value_id update, std::vector<launch>& out);
    [[nodiscard]] launch copy_box(graph::value_id from, std::uint32_t to_slot, const index_t* low, const index_t* high);
    void finish_results();
    [[nodiscard]] std::uint32_t new_slot(graph::value_id v);
    /// Where an operand lies, and its strides along the axes of a space.
    [[nodiscard]] place place_of(graph::operand o, const extents& space, index_t* strides) const;
    /// The same place, of one part of its complex numbers.
    [[nodiscard]] static place part_place(place whole, index_t part) noexcept;

    [[nodiscard]] bool elementwise(graph::value_id v) const {
        const auto k = g_.values[v].kind;
        return k == graph::value_kind::operation || k == graph::value_kind::copy || k == graph::value_kind::gather;
    }
    [[nodiscard]] const extents& space_of(graph::value_id seed) const;
    /// The operand whose values a seed stores or reduces, seen from its space.
    [[nodiscard]] graph::operand body_of(graph::value_id seed) const;

    graph::graph g_;
    const request& r_;
    const machine& m_;
    bool for_tiles_;
    plan p_;
    decision_log log_;
    std::vector<char> stored_;    // by value: has memory
    std::vector<char> cut_off_;   // by value: has memory, and what reads it is in other kernels
    std::vector<char> proposed_;  // by value: would not be stored but for what the plan as a whole gains by it
    std::vector<char> tile_only_; // by value: would have none but for the hope of a tile's; nothing that outlives the evaluation
    std::vector<double> cycles_;  // by value: of one vector step, its inline operands included
    std::vector<std::size_t> tree_size_;
    std::vector<std::uint32_t> level_;  // by value
    std::vector<extents> spaces_;
    std::vector<std::vector<context>> contexts_;
    std::vector<group> groups_;
    std::vector<std::uint32_t> group_of_;  // by value
    std::vector<std::uint32_t> slot_of_;   // by value
    std::vector<char> donates_;            // by value: an update that writes into its base's memory
    std::vector<std::vector<std::uint32_t>> computed_in_;  // by value: groups; only for those who look at decisions
    // What an expression is gone through with, kept as there are many: values that were met on the way, the others by their maps, and what is still to come.
    std::vector<std::uint32_t> met_;
    std::uint32_t meeting_ = 0;
    std::unordered_set<std::uint64_t> met_by_map_;
    std::vector<graph::operand> to_expand_;
    friend class kernel_builder;
};

}  // namespace sinter::inline v1::detail::plan
