#include "plan/chains.hpp"

#include "plan/loops.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace sinter::inline v1::detail::plan {

using codegen::kernel_kind;

namespace {

/// How far ahead a launch is looked for that may join a chain; keeps planning near linear.
constexpr std::size_t window = 48;
/// Of a cache, what a tile may take: the rest is for what streams by, and for what lies at the same places.
constexpr double share_of_cache = 0.6;
/// Calls' worth of time that each launch takes to begin a tile.
constexpr double calls_per_tile = 3;
/// A chain has to be predicted that much faster than its launches one by one.
constexpr double gain = 0.95;
/// A tile in a cache that is farther away has to be that much faster: the model does not know what else goes through it.
constexpr double nearer = 0.95;
/// Bytes of a row that a tile of columns takes at least: less is not worth the way to it.
constexpr index_t column_bytes = 256;
constexpr index_t line = 64;

[[nodiscard]] bool is_reduction(const launch& l, std::size_t place) { return place >= l.kernel.inputs.size() + l.kernel.outputs.size(); }

/// The loops of an operand within one unit of a launch whose units go along one of its loops: f(stride, extent).
template <class F>
void for_loops_of_unit(const launch& l, std::size_t place, F&& f) {
    const struct place& p = l.places[place];
    for (std::size_t d = l.along == split_dim::outer ? 1 : 0; d < l.outer.size(); ++d) f(p.outer[d], l.outer[d]);
    f(p.row, l.along == split_dim::rows ? l.per_unit : l.rows);
    const bool result = is_reduction(l, place);
    if (!(result && l.kernel.kind == kernel_kind::row_reduce)) f(p.inner, l.along == split_dim::inner ? l.per_unit : l.n);
    if (result) f(l.block_step[place], l.blocks);
}

/// Memory that launches of a chain touch.
struct memory {
    bool leaf = false;
    std::uint32_t index = 0;
    double unit_bytes = 0;   // of one unit
    double fixed_bytes = 0;  // of what is the same for all units
    bool streams = false;    // goes past the caches
    bool local = false;
    [[nodiscard]] bool is(const place& p) const noexcept { return leaf == p.leaf && index == p.index; }
};

/// One way to run a chain, and what it costs.
struct way {
    int level = 0;
    index_t tile = 0;
    int threads = 1;
    double seconds = 0;
    std::vector<estimate> stages;
};

class chain_maker {
public:
    chain_maker(plan& p, const request& r) : p_{p}, r_{r}, m_{*r.target} {}

    void run() {
        const std::size_t n = p_.launches.size();
        readers_.assign(p_.slots.size(), 0);
        for (const launch& l : p_.launches) {
            for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
                if (!l.places[i].leaf) ++readers_[l.places[i].index];
            }
        }
        done_.assign(n, 0);
        for (std::uint32_t k = 0; k < n; ++k) {
            if (done_[k] != 0) continue;
            if (!begin(k) || !grow() || !settle()) members_.assign(1, k);
            for (const std::uint32_t l : members_) {
                done_[l] = 1;
                sequence_.push_back(l);
            }
        }
        reorder();
    }

private:
    struct writer {
        std::uint32_t slot = 0;
        index_t unit = 0;  // elements from one unit's results to the next's
    };

    [[nodiscard]] bool suits(const launch& l) const {
        return !l.writes_in_place && l.places.size() <= most_stage_places && l.rows > 0 && l.n > 0 && l.outer.count() > 0;
    }

    /// Chains begin with a reduction: its results are what the others wait for.
    bool begin(std::uint32_t k) {
        launch& l = p_.launches[k];
        members_.assign(1, k);
        writers_.clear();
        if (l.kernel.kind == kernel_kind::map || !suits(l)) return false;
        l.along = !l.outer.empty() ? split_dim::outer : l.kernel.kind == kernel_kind::row_reduce ? split_dim::rows : split_dim::inner;
        l.per_unit = 1;
        units_ = l.along == split_dim::outer ? l.outer[0] : l.along == split_dim::rows ? l.rows : l.n;
        return units_ > 1 && note_results(l);
    }

    /// Adds what a launch writes; false where a unit's results are not apart from the others'.
    bool note_results(const launch& l) {
        const std::size_t before = writers_.size();
        for (std::size_t i = l.kernel.inputs.size(); i < l.places.size(); ++i) {
            const index_t unit = unit_stride(l, l.places[i]);
            if (unit <= 0 || !stays_in_unit(l, i, unit)) {
                writers_.resize(before);
                return false;
            }
            writers_.push_back({l.places[i].index, unit});
        }
        return true;
    }

    /// Whether all that an operand touches while the launch is at a unit is of that unit, where a dense value's units are so far apart.
    [[nodiscard]] bool stays_in_unit(const launch& l, std::size_t place, index_t unit) const {
        const struct place& p = l.places[place];
        if (unit_stride(l, p) != unit) return false;
        const index_t whole = unit * units_;
        index_t low = p.offset % whole;
        index_t high = low;
        for_loops_of_unit(l, place, [&](index_t stride, index_t extent) {
            if (extent <= 1 || stride % whole == 0) return;
            (stride < 0 ? low : high) += stride * (extent - 1);
        });
        return low >= 0 && high < unit;
    }

    /// Adds launches that read what those of the chain make for the same unit.
    bool grow() {
        const std::size_t stop = std::min<std::size_t>(p_.launches.size(), members_[0] + window);
        for (std::uint32_t j = members_[0] + 1; j < stop && members_.size() < most_stages; ++j) {
            if (done_[j] == 0 && suits(p_.launches[j]) && depends_on_none_between(j) && fit(p_.launches[j])) members_.push_back(j);
        }
        return members_.size() > 1;
    }

    [[nodiscard]] bool depends_on_none_between(std::uint32_t j) const {
        const auto& after = p_.launches[j].after;
        return std::all_of(after.begin(), after.end(), [&](std::uint32_t d) {
            return done_[d] != 0 || std::find(members_.begin(), members_.end(), d) != members_.end();
        });
    }

    bool fit(launch& l) {
        const split_dim along_before = l.along;
        const auto try_along = [&](split_dim along, index_t extent) {
            if (extent % units_ != 0) return false;
            l.along = along;
            l.per_unit = extent / units_;
            bool reads = false;
            for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
                const place& p = l.places[i];
                if (p.leaf) continue;
                const auto w = std::find_if(writers_.begin(), writers_.end(), [&](const writer& x) { return x.slot == p.index; });
                if (w == writers_.end()) continue;
                if (!stays_in_unit(l, i, w->unit)) return false;
                reads = true;
            }
            return reads && note_results(l);
        };
        const bool flat = l.outer.empty();
        if (!flat && l.outer[0] == units_ && try_along(split_dim::outer, l.outer[0])) return true;
        if (flat && l.kernel.kind != kernel_kind::column_reduce && try_along(split_dim::rows, l.rows)) return true;
        if (flat && l.kernel.kind != kernel_kind::row_reduce && try_along(split_dim::inner, l.n)) return true;
        l.along = along_before;
        l.per_unit = 1;
        return false;
    }

    /// Chooses how the chain runs; false if its launches are better off one by one.
    bool settle() {
        find_memory();
        // One after the other they find in the caches what all of them leave, as the chain does.
        double footprint = 0;
        for (const memory& x : memory_) footprint += x.unit_bytes * static_cast<double>(x.local ? grain_ : units_) + x.fixed_bytes;
        double apart = 0;
        for (const std::uint32_t k : members_) {
            const launch& l = p_.launches[k];
            work alone = l.does;
            alone.footprint = std::max(alone.footprint, footprint);
            apart += choose(m_, alone, l.threads, l.may_stream).seconds;
        }
        std::optional<way> best;
        const auto consider = [&](const std::optional<way>& w) {
            if (w && (!best || w->seconds < nearer * best->seconds)) best = w;
        };
        for (int level = 1; level <= 3; ++level) consider(run_in(level, 1));
        if (r_.max_threads > 1) {
            // As for a single kernel: a small gain is none.
            const double alone = best ? 0.75 * best->seconds : 0;
            std::optional<way> shared;
            for (int level = 1; level <= 3; ++level) {
                const std::optional<way> w = run_in(level, static_cast<int>(std::min<index_t>(r_.max_threads, units_ / grain_)));
                if (w && (!shared || w->seconds < nearer * shared->seconds)) shared = w;
            }
            if (shared && (!best || shared->seconds < alone || r_.chains == chaining::always)) best = shared;
        }
        if (!best || (r_.chains == chaining::by_cost && best->seconds > gain * apart)) {
            const bool nowhere = !best;
            for (std::size_t i = 1; i < members_.size(); ++i) {
                launch& l = p_.launches[members_[i]];
                l.apart = nowhere ? "what it shares with kernel # is too large for any cache" : "tiles would not make it and kernel # faster";
                l.apart_from = members_[0];
            }
            return false;
        }
        adopt(*best);
        return true;
    }

    void find_memory() {
        memory_.clear();
        grain_ = 1;
        bool across = false;
        index_t smallest = 8;
        std::vector<std::pair<std::uint32_t, std::uint32_t>> reads;  // slots and how often
        for (const std::uint32_t k : members_) {
            const launch& l = p_.launches[k];
            across = across || (l.along == split_dim::inner && l.per_unit == 1 && l.rows > 1);
            for (std::size_t i = 0; i < l.places.size(); ++i) {
                const place& p = l.places[i];
                if (p.turned) grain_ = std::max(grain_, line / p.bytes);
                smallest = std::min(smallest, index_t{p.bytes});
                double bytes = p.bytes;
                index_t gap = line / p.bytes;
                for_loops_of_unit(l, i, [&](index_t stride, index_t extent) {
                    if (stride == 0 || extent <= 1) return;
                    bytes *= static_cast<double>(extent);
                    gap = std::min(gap, std::abs(stride));
                });
                const index_t unit = unit_stride(l, p);
                if (unit != 0) gap = std::min(gap, std::abs(unit));
                bytes *= static_cast<double>(std::max<index_t>(gap, 1));
                auto known = std::find_if(memory_.begin(), memory_.end(), [&](const memory& x) { return x.is(p); });
                if (known == memory_.end()) known = memory_.insert(known, memory{.leaf = p.leaf, .index = p.index});
                (unit == 0 ? known->fixed_bytes : known->unit_bytes) = std::max(unit == 0 ? known->fixed_bytes : known->unit_bytes, bytes);
            }
        }
        if (across) grain_ = std::max(grain_, column_bytes / smallest);
        columns_ = across;
        if (r_.chains == chaining::always) grain_ = 1;
        for (memory& x : memory_) {
            if (x.leaf) continue;
            const slot& s = p_.slots[x.index];
            std::uint32_t here = 0;
            for (const std::uint32_t k : members_) {
                const launch& l = p_.launches[k];
                for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) here += x.is(l.places[i]) ? 1U : 0U;
            }
            const bool made = std::any_of(writers_.begin(), writers_.end(), [&](const writer& w) { return w.slot == x.index; });
            x.local = made && s.temporary && s.from == slot::source::fresh && here == readers_[x.index];
        }
    }

    [[nodiscard]] const machine::cache_level& cache(int level) const { return level == 1 ? m_.l1 : level == 2 ? m_.l2 : m_.l3; }

    /// What it costs with tiles that stay in a cache; nothing if none does.
    [[nodiscard]] std::optional<way> run_in(int level, int threads) {
        const machine::cache_level& at = cache(level);
        const bool forced = r_.chains == chaining::always;
        if (threads < 1 || (at.bytes == 0 && !forced)) return {};
        double footprint = 0;
        for (const memory& x : memory_) footprint += x.unit_bytes * static_cast<double>(x.local ? grain_ : units_) + x.fixed_bytes;
        way w;
        w.level = level;
        w.threads = threads;
        choose_streams(footprint, threads);
        double unit = 0;
        double fixed = 0;
        for (const memory& x : memory_) {
            if (x.streams) continue;
            unit += x.unit_bytes;
            fixed += x.fixed_bytes;
        }
        const double room = share_of_cache * static_cast<double>(at.bytes) / (at.shared ? threads : 1) - fixed;
        const index_t most = (units_ + threads - 1) / threads;
        const double fits = room / std::max(unit, 1.0);
        if (fits < static_cast<double>(grain_) && !forced) return {};
        w.tile = std::max(static_cast<index_t>(std::min(fits, static_cast<double>(most))) / grain_, index_t{1}) * grain_;
        if (forced) w.tile = std::min(w.tile, std::max<index_t>(units_ / 3, 1));
        const double tiles = static_cast<double>((units_ + w.tile - 1) / w.tile);
        std::vector<char> seen(memory_.size(), 0);
        for (const std::uint32_t k : members_) {
            const launch& l = p_.launches[k];
            work outside = l.does;
            double inside = 0;
            outside.bytes_read = outside.bytes_written = 0;
            outside.footprint = footprint;
            bool streams = false;
            for (std::size_t i = 0; i < l.places.size(); ++i) {
                const std::size_t x = at_memory(l.places[i]);
                const memory& known = memory_[x];
                const double bytes = known.unit_bytes * static_cast<double>(units_) + known.fixed_bytes;
                const bool writes = i >= l.kernel.inputs.size();
                if (known.local || (seen[x] != 0 && !writes)) {
                    inside += bytes;
                } else {
                    (writes ? outside.bytes_written : outside.bytes_read) += bytes;
                }
                streams = streams || known.streams;
                seen[x] = 1;
            }
            estimate e = predict(m_, outside, threads, streams);
            e.memory_seconds += at.bandwidth > 0 ? inside / at.bandwidth / threads : 0;
            e.seconds = std::max(e.compute_seconds, e.memory_seconds) + tiles / threads * calls_per_tile * m_.kernel_call_seconds;
            w.seconds += e.seconds;
            w.stages.push_back(e);
        }
        if (threads > 1) {
            const double waking = 0.9 * m_.wake_seconds_hot + 0.1 * m_.wake_seconds_idle;
            w.seconds += waking;
            w.stages[0].seconds += waking;
        }
        return w;
    }

    [[nodiscard]] std::size_t at_memory(const place& p) const {
        return static_cast<std::size_t>(std::find_if(memory_.begin(), memory_.end(), [&](const memory& x) { return x.is(p); }) - memory_.begin());
    }

    /// Which launches store past the caches: those that may, where that pays on all that the chain touches.
    void choose_streams(double footprint, int threads) {
        for (memory& x : memory_) x.streams = false;
        for (const std::uint32_t k : members_) {
            const launch& l = p_.launches[k];
            if (!l.may_stream) continue;
            work stores = l.does;
            stores.footprint = footprint;
            if (predict(m_, stores, threads, true).memory_seconds >= predict(m_, stores, threads, false).memory_seconds) continue;
            for (std::size_t i = l.kernel.inputs.size(); i < l.kernel.inputs.size() + l.kernel.outputs.size(); ++i) {
                memory& x = memory_[at_memory(l.places[i])];
                // What a later launch of the chain reads has to stay.
                x.streams = !x.local && !read_in_chain(x);
            }
        }
    }

    [[nodiscard]] bool read_in_chain(const memory& x) const {
        return std::any_of(members_.begin(), members_.end(), [&](std::uint32_t k) {
            const launch& l = p_.launches[k];
            return std::any_of(l.places.begin(), l.places.begin() + static_cast<std::ptrdiff_t>(l.kernel.inputs.size()),
                               [&](const place& p) { return x.is(p); });
        });
    }

    void adopt(const way& w) {
        double footprint = 0;
        for (const memory& x : memory_) footprint += x.unit_bytes * static_cast<double>(x.local ? grain_ : units_) + x.fixed_bytes;
        choose_streams(footprint, w.threads);
        chain c;
        c.first = static_cast<std::uint32_t>(sequence_.size());
        c.past = c.first + static_cast<std::uint32_t>(members_.size());
        c.units = units_;
        c.tile = w.tile;
        c.grain = grain_;
        c.threads = w.threads;
        c.level = w.level;
        c.columns = columns_;
        for (std::size_t i = 0; i < members_.size(); ++i) {
            launch& l = p_.launches[members_[i]];
            p_.predicted_seconds += w.stages[i].seconds - l.predicted.seconds;
            l.predicted = w.stages[i];
            l.threads = w.threads;
            l.plain = false;
            l.apart.clear();
        }
        std::vector<char> seen(memory_.size(), 0);
        for (const std::uint32_t k : members_) {
            launch& l = p_.launches[k];
            l.does.bytes_read = l.does.bytes_written = 0;
            for (std::size_t i = 0; i < l.places.size(); ++i) {
                const std::size_t x = at_memory(l.places[i]);
                const memory& known = memory_[x];
                const double bytes = known.unit_bytes * static_cast<double>(units_) + known.fixed_bytes;
                const bool writes = i >= l.kernel.inputs.size();
                if (writes) l.places[i].stays = !known.streams;
                if (!known.local && (writes || seen[x] == 0)) (writes ? l.does.bytes_written : l.does.bytes_read) += bytes;
                seen[x] = 1;
            }
        }
        // Threads may be at different launches, so that each needs a place of its own for whichever it is.
        for (const std::uint32_t k : members_) c.bytes = std::max(c.bytes, (tile_bytes(p_.launches[k]) + line - 1) / line * line);
        for (const memory& x : memory_) {
            if (x.local) make_local(c, x.index);
        }
        p_.chains.push_back(c);
    }

    /// Gives a value memory for one tile: its units lie as near to each other as before, and what is a whole value apart is now a whole
    /// tile apart.
    void make_local(chain& c, std::uint32_t index) {
        slot& s = p_.slots[index];
        const index_t unit = std::find_if(writers_.begin(), writers_.end(), [&](const writer& x) { return x.slot == index; })->unit;
        const index_t whole = unit * units_;
        std::size_t bytes = 0;
        for (const std::uint32_t k : members_) {
            launch& l = p_.launches[k];
            for (std::size_t i = 0; i < l.places.size(); ++i) {
                place& p = l.places[i];
                if (p.leaf || p.index != index) continue;
                const auto near = [&](index_t stride) { return stride % whole == 0 ? stride / whole * unit * c.tile : stride; };
                p.local = true;
                p.offset = p.offset / whole * unit * c.tile + p.offset % whole;
                for (std::size_t d = l.along == split_dim::outer ? 1 : 0; d < l.outer.size(); ++d) p.outer[d] = near(p.outer[d]);
                if (l.along != split_dim::rows) p.row = near(p.row);
                if (l.along != split_dim::inner) p.inner = near(p.inner);
                l.block_step[i] = near(l.block_step[i]);
                set_access(l, i);
                bytes = s.bytes / static_cast<std::size_t>(units_) * static_cast<std::size_t>(c.tile);
            }
        }
        s.from = slot::source::tile;
        s.bytes = (bytes + line - 1) / line * line;
        s.start = c.bytes;
        c.bytes += s.bytes;
    }

    void reorder() {
        std::vector<std::uint32_t> place(sequence_.size());
        for (std::uint32_t i = 0; i < sequence_.size(); ++i) place[sequence_[i]] = i;
        std::vector<launch> ordered;
        ordered.reserve(sequence_.size());
        for (const std::uint32_t k : sequence_) {
            launch& l = ordered.emplace_back(std::move(p_.launches[k]));
            for (std::uint32_t& d : l.after) d = place[d];
            l.other = place[l.other];
            l.apart_from = place[l.apart_from];
        }
        p_.launches = std::move(ordered);
    }

    plan& p_;
    const request& r_;
    const machine& m_;
    std::vector<std::uint32_t> readers_;  // by slot: operands of launches
    std::vector<char> done_;              // by launch
    std::vector<std::uint32_t> sequence_;
    std::vector<std::uint32_t> members_;
    std::vector<writer> writers_;
    std::vector<memory> memory_;
    index_t units_ = 0, grain_ = 1;
    bool columns_ = false;
};

}  // namespace

void make_chains(plan& p, const request& r) {
    if (r.chains != chaining::never && p.launches.size() > 1) chain_maker(p, r).run();
}

}  // namespace sinter::inline v1::detail::plan
