#pragma once

#include "base/function_ref.hpp"
#include "plan/chains.hpp"
#include "plan/plan.hpp"

#include <cstdint>
#include <optional>
#include <vector>

// What chains.cpp (which launches run together) and chain_cost.cpp (in what tiles, and whether it pays) share.

namespace sinter::inline v1::detail::plan {

[[nodiscard]] inline bool is_reduction(const launch& l, std::size_t place) { return place >= l.kernel.inputs.size() + l.kernel.outputs.size(); }

/// The loops of an operand within one unit of a launch whose units go along one of its loops: f(stride, extent).
template <class F>
void for_loops_of_unit(const launch& l, std::size_t place, F&& f) {
    const struct place& p = l.places[place];
    for (std::size_t d = l.along == split_dim::outer ? 1 : 0; d < l.outer.size(); ++d) f(p.outer[d], l.outer[d]);
    f(p.row, l.along == split_dim::rows ? l.per_unit : l.rows);
    const bool result = is_reduction(l, place);
    if (!(result && l.kernel.kind == codegen::kernel_kind::row_reduce)) f(p.inner, l.along == split_dim::inner ? l.per_unit : l.n);
    if (result) f(l.block_step[place], l.blocks);
}

/// Memory that launches of a chain touch.
struct chain_memory {
    bool leaf = false;
    std::uint32_t index = 0;
    double unit_bytes = 0;   // of one unit
    double fixed_bytes = 0;  // of what is the same for all units
    bool streams = false;    // goes past the caches
    bool local = false;
    [[nodiscard]] bool is(const place& p) const noexcept { return leaf == p.leaf && index == p.index; }
};

/// An input of a launch of whose memory it asks for some, one tile ahead or several.
struct asked_ahead {
    std::size_t stage = 0, input = 0;
    std::uint8_t quarters = 0;
    index_t tiles = 1;
    index_t units = 0;  // of a pipeline: instead of tiles
};

/// One way to run a chain, and what it costs.
struct chain_way {
    int level = 0;
    bool pipelined = false;
    index_t tile = 0;
    int threads = 1;
    double seconds = 0;
    double moving = 0, computing = 0;  // of these, in memory and of the kernels
    std::vector<estimate> stages;
    std::vector<asked_ahead> asks;
    /// Whether it matters that memory never rests: also where computing takes up to twice as long, as then neither should wait for the other.
    [[nodiscard]] bool busy_memory() const noexcept { return 2 * moving > computing; }
};

class chain_maker {
public:
    chain_maker(plan& p, const request& r, decide_function decide) : p_{p}, r_{r}, m_{*r.target}, decide_{decide} {}
    /// Where each launch is now.
    std::vector<std::uint32_t> run();

private:
    struct writer {
        std::uint32_t slot = 0;
        index_t unit = 0;  // elements from one unit's results to the next's
    };

    // chains.cpp
    [[nodiscard]] bool suits(const launch& l) const;
    /// Chains begin with a reduction, whose results the others wait for, or with a map, what of which is stored they read.
    /// rows: into how many units one loop over all is cut, or 1: each element is one.
    bool begin(std::uint32_t k, index_t rows);
    /// Where a map goes over all in one loop: the rows by which the first launch goes that reads what it makes, or what such maps make of it; 1 if none does.
    [[nodiscard]] index_t rows_of_reader(std::uint32_t k) const;
    /// Adds what a launch writes; false where a unit's results are not apart from the others'.
    bool note_results(const launch& l);
    /// Whether all that an operand touches while the launch is at a unit is of that unit, where a dense value's units are so far apart.
    [[nodiscard]] bool stays_in_unit(const launch& l, std::size_t place, index_t unit) const;
    /// Adds launches that read what those of the chain make for the same unit.
    bool grow();
    [[nodiscard]] bool depends_on_none_between(std::uint32_t j) const;
    bool fit(launch& l);
    void adopt(const chain_way& w);
    /// Gives a value memory for one tile: its units lie as near to each other as before, and what is a whole value apart is now a whole
    /// tile apart.
    void make_local(chain& c, std::uint32_t index);
    /// Memory for a row of a result that may begin within a line, and has to go past the caches.
    void spare_row(chain& c) const;
    void ask_ahead(const chain& c, const std::vector<asked_ahead>& asks);
    /// Long rows that come from memory and that no other launch asks for: their own code asks for its next lines.
    void read_ahead(const chain& c, const std::vector<asked_ahead>& asks);
    /// Whether the input of a launch comes from memory, of which earlier launches have read no more than a part.
    [[nodiscard]] bool reads_first(std::size_t stage, std::size_t input) const;
    [[nodiscard]] std::vector<std::uint32_t> reorder();

    // pipeline.cpp
    /// How far each launch is behind the first in a pipeline, and how many rows of what lives in the chain have memory. Gives why there can be none, or nothing.
    [[nodiscard]] const char* find_lags();
    /// Whether a launch of the chain reads what an earlier one makes.
    [[nodiscard]] bool reads_from(std::size_t reader, std::size_t maker) const;
    [[nodiscard]] bool may_be_pipelined(const launch& l) const;
    /// Whether it computes one element for each row of the others.
    [[nodiscard]] static bool has_elements(const launch& l);
    /// Seconds that its kernels compute in one loop: divisions beside the rest.
    [[nodiscard]] double computing_side_by_side(int threads) const;
    /// The same launches as a pipeline in the same cache, on as many threads; nothing if its rows do not stay there.
    [[nodiscard]] std::optional<chain_way> as_pipeline(const chain_way& tiles, double room) const;
    /// Tile by tile or as a pipeline.
    [[nodiscard]] std::optional<chain_way> choose_pipeline(std::optional<chain_way> tiles, std::optional<chain_way> pipeline, const char* refused);

    // chain_cost.cpp
    /// Chooses how the chain runs; false if its launches are better off one by one.
    bool settle();
    [[nodiscard]] bool has_pairs() const;
    [[nodiscard]] bool spares_pairs() const;
    void find_memory();
    [[nodiscard]] const machine::cache_level& cache(int level) const;
    /// Bytes that the chain touches in all, but for what lives in a tile; with or without what goes past the caches.
    [[nodiscard]] double footprint(bool with_streams) const;
    /// A launch's time where it is in no chain, with results where footprint() has them.
    [[nodiscard]] double seconds_alone(const launch& l) const;
    /// What it costs with tiles that stay in a cache; nothing if none does.
    [[nodiscard]] std::optional<chain_way> run_in(int level, int threads);
    /// The best of these, in any cache and on as many threads as pay.
    [[nodiscard]] std::optional<chain_way> best_way(bool pipelined);
    /// Bytes that what lives in a cache may take of it for one thread.
    [[nodiscard]] double share_of(int level, int threads) const;
    [[nodiscard]] std::size_t at_memory(const place& p) const;
    /// Which launches store past the caches: those that may, where that pays on all that the chain touches.
    void choose_streams(double bytes_touched, int threads);
    [[nodiscard]] bool read_in_chain(const chain_memory& x) const;
    /// Whether more than one launch of the chain reads it.
    [[nodiscard]] bool read_often(const chain_memory& x) const;
    [[nodiscard]] static bool can_ask(const launch& l, std::size_t input);
    /// What comes from memory is asked for a tile ahead, by the later launch that reads the same in the same loops and has the most to
    /// compute, or else by the last one: what it stores goes the other way.
    void plan_asks(chain_way& w, double bytes_touched) const;
    /// Whether a launch stores past the caches.
    [[nodiscard]] bool streams(const launch& l) const;
    /// Where memory decides, and the stores go past the caches while the rest stays in the first: small tiles. room: what their memory may take.
    void keep_memory_busy(chain_way& w, double unit, double room) const;
    [[nodiscard]] bool seen_before(std::size_t stage, const place& at) const;

    plan& p_;
    const request& r_;
    const machine& m_;
    decide_function decide_;
    std::vector<std::uint32_t> readers_;  // by slot: operands of launches
    std::vector<char> done_;              // by launch
    std::vector<std::uint32_t> sequence_;
    std::vector<std::uint32_t> members_;
    std::vector<writer> writers_;
    std::vector<chain_memory> memory_;
    index_t units_ = 0, grain_ = 1;
    chain::unit of_ = chain::unit::row;
    std::array<std::uint8_t, most_stages> lags_{};
    index_t rows_kept_ = 1;  // of what lives in a pipeline
};

}  // namespace sinter::inline v1::detail::plan
