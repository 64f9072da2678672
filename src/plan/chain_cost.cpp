#include "plan/chain_maker.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace sinter::inline v1::detail::plan {

namespace {

/// Of a cache, what a tile may take: the rest is for what streams by, and for what lies at the same places.
constexpr double share_of_cache = 0.7;
/// Calls' worth of time that each launch takes to begin a tile.
constexpr double calls_per_tile = 1;
/// Of a tile's time, what beginning its launches may take.
constexpr double share_of_calls = 0.02;
/// A chain has to be predicted that much faster than its launches one by one. Where both are as fast it asks less of the last level,
/// which others use, too.
constexpr double gain = 1.0;
/// A tile in a cache that is farther away has to be that much faster: the model does not know what else goes through it.
constexpr double nearer = 0.95;
/// What pairs of rows come to is not kept, if no cache holds it, at the price of so much more time.
constexpr double gain_of_pairs = 1.25;
/// Bytes of a row that a tile of columns takes at least, as many as a kernel takes down the rows at once; and a tile of elements, as many as fill its loops.
constexpr index_t line_bytes = 512;
constexpr index_t line = 64;
/// What a tile takes of memory where that decides: while stores past the caches wait, the processor computes what comes next as far as its window reaches, and
/// memory rests for as long as a tile's sums go on beyond that. Asked for two tiles ahead, lines are there in time. Measured on Zen 5 with layer norms of rows of
/// 1 to 8 KiB: 8 KiB and two tiles take 0.80 to 0.95 of the time of 16 KiB and one. Where the launch that asks is not the one that stores (softmax), nothing is gained.
constexpr double busy_bytes = 8192;
constexpr index_t busy_tiles = 2;
/// Of the shorter one of computing and moving, what shows, by the cache that holds a tile: its kernels compute in turn, while only some of them move, and memory
/// works on for a while when they stop. Measured with norms and softmax of 4096 x 1024 floats on Zen 5, one thread and two.
constexpr std::array not_beside{0.25, 0.45, 0.6};

}  // namespace

bool chain_maker::settle() {
    find_memory();
    double apart = 0;
    for (const std::uint32_t k : members_) apart += seconds_alone(p_.launches[k]);
    const char* const refused = find_lags();
    std::optional<chain_way> best = choose_pipeline(best_way(false), *refused == 0 ? best_way(true) : std::nullopt, refused);
    if (!best || (r_.chains == chaining::by_cost && best->seconds > (spares_pairs() ? gain_of_pairs : gain) * apart)) {
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

std::optional<chain_way> chain_maker::best_way(bool pipelined) {
    const auto on = [&](int threads) {
        std::optional<chain_way> best;
        for (int level = 1; level <= 3; ++level) {
            std::optional<chain_way> w = run_in(level, threads);
            if (w && pipelined) w = as_pipeline(*w, share_of(level, threads));
            if (w && (!best || w->seconds < nearer * best->seconds)) best = std::move(w);
        }
        return best;
    };
    std::optional<chain_way> best = on(1);
    if (r_.max_threads == 1) return best;
    // As for a single kernel: a small gain is none.
    const double one_thread = best ? worth_threads({.seconds = best->seconds, .compute_seconds = best->computing, .memory_seconds = best->moving}) * best->seconds : 0;
    std::optional<chain_way> shared = on(static_cast<int>(std::min<index_t>(r_.max_threads, units_ / grain_)));
    return shared && (!best || shared->seconds < one_thread || is_forced(r_.chains)) ? shared : best;
}

double chain_maker::share_of(int level, int threads) const {
    const machine::cache_level& at = cache(level);
    return share_of_cache * static_cast<double>(std::min(at.room(), at.bytes)) / (at.shared ? threads : 1);
}

bool chain_maker::has_pairs() const {
    return std::any_of(members_.begin(), members_.end(), [&](std::uint32_t k) { return p_.launches[k].beside > 0 && p_.launches[k].along == split_dim::outer; });
}

bool chain_maker::spares_pairs() const {
    double bytes = 0;
    for (const chain_memory& x : memory_) bytes += x.local ? x.unit_bytes * static_cast<double>(units_) : 0;
    return has_pairs() && beyond_caches(m_, bytes);
}

void chain_maker::find_memory() {
    memory_.clear();
    grain_ = 1;
    of_ = chain::unit::row;
    bool elements = true;
    index_t smallest = 8;
    for (const std::uint32_t k : members_) {
        const launch& l = p_.launches[k];
        const bool inner = l.along == split_dim::inner && l.per_unit == 1;
        if (inner && l.rows > 1) of_ = chain::unit::column;
        elements = elements && inner && l.rows == 1;
        if (l.beside > 0 && l.along == split_dim::outer) grain_ = std::max(grain_, l.together);
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
            auto known = std::find_if(memory_.begin(), memory_.end(), [&](const chain_memory& x) { return x.is(p); });
            if (known == memory_.end()) known = memory_.insert(known, chain_memory{.leaf = p.leaf, .index = p.index});
            (unit == 0 ? known->fixed_bytes : known->unit_bytes) = std::max(unit == 0 ? known->fixed_bytes : known->unit_bytes, bytes);
        }
    }
    if (elements) of_ = chain::unit::element;
    if (of_ != chain::unit::row) grain_ = std::max(grain_, line_bytes / smallest);
    if (is_forced(r_.chains)) grain_ = 1;
    for (chain_memory& x : memory_) {
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

double chain_maker::footprint(bool with_streams) const {
    double bytes = 0;
    for (const chain_memory& x : memory_) {
        if (x.streams && !with_streams) continue;
        const double own = x.unit_bytes * static_cast<double>(x.local ? grain_ : units_) + x.fixed_bytes;
        // A new result rarely lies where the last one did: that one is mostly still held, and its memory is the next but one's. And much else goes through
        // the last level. At its border this decides for stores past the caches (4096 x 1024 floats in 32 MiB: 1.0 ms instead of 1.5 on one thread, a tenth
        // on two).
        const bool turns = !x.leaf && !x.local && !p_.slots[x.index].temporary && p_.slots[x.index].from != slot::source::donated;
        bytes += turns ? 2 * own : own;
    }
    return bytes;
}

double chain_maker::seconds_alone(const launch& l) const {
    const double together = footprint(true);
    work w = l.does;
    double last_time = 0;
    for (const work::flow& f : w.flows) last_time = std::max(last_time, f.distance);
    if (w.flows.empty() || last_time >= together) return l.predicted.seconds;
    // What was touched an evaluation ago is as far away as it is for the chain.
    for (work::flow& f : w.flows) {
        if (f.distance >= last_time) f.distance = together;
    }
    return choose(m_, w, l.threads, l.may_stream && !l.read_soon).seconds;
}

const machine::cache_level& chain_maker::cache(int level) const { return level == 1 ? m_.l1 : level == 2 ? m_.l2 : m_.l3; }

std::size_t chain_maker::at_memory(const place& p) const {
    return static_cast<std::size_t>(std::find_if(memory_.begin(), memory_.end(), [&](const chain_memory& x) { return x.is(p); }) - memory_.begin());
}

std::optional<chain_way> chain_maker::run_in(int level, int threads) {
    const machine::cache_level& at = cache(level);
    const bool forced = is_forced(r_.chains);
    if (threads < 1 || (at.bytes == 0 && !forced)) return {};
    // Down columns a tile is some lines of each of many rows, which come from the last level no faster than from memory: 8 ms for sums over
    // 4096 x 4096 floats that take 1.5 ms row by row.
    if (of_ == chain::unit::column && level == 3 && !forced) return {};
    const double bytes_touched = footprint(true);
    chain_way w;
    w.level = level;
    w.threads = threads;
    choose_streams(bytes_touched, threads);
    // What goes past the caches leaves the rest where it is.
    const double beside = footprint(false);
    double unit = 0;
    const double own_share = share_of(level, threads);
    double fixed = 0, again = 0;  // again: of the rows that all units share, which pairs go through strip by strip
    for (const chain_memory& x : memory_) {
        if (x.streams) continue;
        // What several launches read is asked for a tile ahead.
        unit += x.leaf && read_often(x) ? 2 * x.unit_bytes : x.unit_bytes;
        const bool passes_by = x.fixed_bytes > own_share / 2 && has_pairs();
        (passes_by ? again : fixed) += x.fixed_bytes;
    }
    const double room = own_share - fixed;
    const index_t most = (units_ + threads - 1) / threads;
    const double fits = room / std::max(unit, 1.0);
    if (fits < static_cast<double>(grain_) && !forced) return {};
    w.tile = std::max(static_cast<index_t>(std::min(fits, static_cast<double>(most))) / grain_, index_t{1}) * grain_;
    std::vector<char> seen(memory_.size(), 0);
    work all, stored;  // what comes from outside of the tiles and what goes past the caches; what is stored otherwise
    double computing = 0;
    for (const std::uint32_t k : members_) {
        const launch& l = p_.launches[k];
        work outside = l.does;
        double inside = 0;
        outside.bytes_read = outside.bytes_written = 0;
        outside.flows.clear();
        bool streams = false;
        for (std::size_t i = 0; i < l.places.size(); ++i) {
            const std::size_t x = at_memory(l.places[i]);
            const chain_memory& known = memory_[x];
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
        outside.footprint = beside + (streams ? outside.bytes_written : 0);
        all.bytes_read += outside.bytes_read;
        (streams ? all : stored).bytes_written += outside.bytes_written;
        w.stages.push_back(predict(m_, outside, threads, streams));
        estimate& e = w.stages.back();
        // Loads from the first cache are instructions like others.
        const double in_tile = level > 1 && at.bandwidth > 0 ? inside / at.bandwidth / threads : 0;
        computing += std::max(e.compute_seconds, in_tile) + not_beside[0] * std::min(e.compute_seconds, in_tile);
        e.memory_seconds = std::max(e.memory_seconds, in_tile);
    }
    if (again > 0) all.bytes_read += again * (std::ceil(static_cast<double>(units_) / static_cast<double>(w.tile)) - 1);
    // Memory works for one tile while another one is computed, as far as it goes.
    const bool streams = all.bytes_written > 0;
    if (!streams) std::swap(all.bytes_written, stored.bytes_written);
    all.footprint = beside + (streams ? all.bytes_written : 0);
    stored.footprint = beside;
    double moving = predict(m_, all, threads, streams).memory_seconds;
    if (stored.bytes_written > 0) moving += predict(m_, stored, threads, false).memory_seconds;
    w.moving = moving;
    w.computing = computing;
    plan_asks(w, beside);
    double apart = 0;
    for (estimate& e : w.stages) {
        e.seconds = std::max(e.compute_seconds, e.memory_seconds);
        apart += e.seconds;
    }
    const auto together = [&](double calling) {
        const double busy = computing + calling;
        return std::max(moving, busy) + not_beside[level - 1] * std::min(moving, busy);
    };
    // Larger tiles than their calls need only fill the cache.
    const double stages = static_cast<double>(members_.size());
    const double unit_seconds = together(0) * threads / static_cast<double>(units_);
    const double beginning = calls_per_tile * m_.kernel_call_seconds;
    const double enough = std::ceil(stages * beginning / (share_of_calls * unit_seconds));
    if (again == 0 && enough < static_cast<double>(w.tile)) w.tile = (static_cast<index_t>(enough) + grain_ - 1) / grain_ * grain_;
    if (level == 1 && grain_ == 1) keep_memory_busy(w, unit, room);
    if (forced) w.tile = std::min(w.tile, std::max<index_t>(units_ / 3, 1));
    const double tiles = static_cast<double>((units_ + w.tile - 1) / w.tile);
    w.seconds = together(stages * tiles / threads * beginning);
    for (estimate& e : w.stages) e.seconds *= w.seconds / apart;
    if (threads > 1) {
        const double waking = 0.9 * m_.wake_seconds_hot + 0.1 * m_.wake_seconds_idle;
        w.seconds += waking;
        w.stages[0].seconds += waking;
    }
    return w;
}

void chain_maker::choose_streams(double bytes_touched, int threads) {
    for (chain_memory& x : memory_) x.streams = false;
    for (const std::uint32_t k : members_) {
        const launch& l = p_.launches[k];
        if (!l.may_stream) continue;
        work stores = l.does;
        stores.footprint = bytes_touched;
        stores.flows.clear();
        if (predict(m_, stores, threads, true).memory_seconds + missed_later(m_, stores, threads) >= predict(m_, stores, threads, false).memory_seconds) continue;
        for (std::size_t i = l.kernel.inputs.size(); i < l.kernel.inputs.size() + l.kernel.outputs.size(); ++i) {
            chain_memory& x = memory_[at_memory(l.places[i])];
            // What a later launch of the chain reads has to stay.
            x.streams = !x.local && !read_in_chain(x);
        }
    }
}

bool chain_maker::read_in_chain(const chain_memory& x) const {
    return std::any_of(members_.begin(), members_.end(), [&](std::uint32_t k) {
        const launch& l = p_.launches[k];
        return std::any_of(l.places.begin(), l.places.begin() + static_cast<std::ptrdiff_t>(l.kernel.inputs.size()),
                           [&](const place& p) { return x.is(p); });
    });
}

bool chain_maker::read_often(const chain_memory& x) const {
    std::size_t readers = 0;
    for (const std::uint32_t k : members_) {
        const launch& l = p_.launches[k];
        readers += std::any_of(l.places.begin(), l.places.begin() + static_cast<std::ptrdiff_t>(l.kernel.inputs.size()), [&](const place& p) { return x.is(p); }) ? 1U : 0U;
    }
    return readers > 1;
}

bool chain_maker::can_ask(const launch& l, std::size_t input) {
    const place& p = l.places[input];
    return l.kernel.inputs[input].inner == codegen::access::unit && !p.turned && !p.local && l.places.size() < most_stage_places;
}

void chain_maker::plan_asks(chain_way& w, double bytes_touched) const {
    for (std::size_t first = 0; first + 1 < members_.size(); ++first) {
        const launch& reads = p_.launches[members_[first]];
        for (std::size_t i = 0; i < reads.kernel.inputs.size(); ++i) {
            const place& at = reads.places[i];
            const index_t unit = unit_stride(reads, at);
            if (!can_ask(reads, i) || unit == 0 || seen_before(first, at)) continue;
            const chain_memory& known = memory_[at_memory(at)];
            // By all that read it again, so that memory has something to do all the time; most of it by the one that computes most.
            std::vector<asked_ahead> by;
            for (std::size_t stage = first + 1; stage < members_.size() && by.size() < 4; ++stage) {
                const launch& l = p_.launches[members_[stage]];
                for (std::size_t j = 0; j < l.kernel.inputs.size(); ++j) {
                    const place& p = l.places[j];
                    if (!known.is(p) || !can_ask(l, j) || unit_stride(l, p) != unit || p.offset != at.offset) continue;
                    by.push_back({stage, j});
                    break;
                }
            }
            if (by.empty()) continue;
            // Reading and writing at once moves most.
            const auto storing = std::find_if(by.begin(), by.end(), [&](const asked_ahead& a) { return streams(p_.launches[members_[a.stage]]); });
            if (storing != by.end() && w.busy_memory()) by = {*storing};
            std::stable_sort(by.begin(), by.end(), [&](const asked_ahead& x, const asked_ahead& y) { return w.stages[x.stage].compute_seconds > w.stages[y.stage].compute_seconds; });
            work read = reads.does;
            read.bytes_read = known.unit_bytes * static_cast<double>(units_);
            read.bytes_written = 0;
            read.footprint = bytes_touched;
            read.flows.clear();
            const double seconds = predict(m_, read, w.threads, false).memory_seconds;
            w.stages[first].memory_seconds -= seconds;
            // Where a turn takes but two lines or one, these are the first and the third quarter.
            constexpr std::array<std::array<std::uint8_t, 4>, 4> shares{{{0b1111}, {0b0011, 0b1100}, {0b0011, 0b0100, 0b1000}, {0b0001, 0b0100, 0b0010, 0b1000}}};
            for (std::size_t k = 0; k < by.size(); ++k) {
                by[k].quarters = shares[by.size() - 1][k];
                w.stages[by[k].stage].memory_seconds += seconds * std::popcount(by[k].quarters) / 4;
                w.asks.push_back(by[k]);
            }
        }
    }
}

bool chain_maker::streams(const launch& l) const {
    const auto outputs = l.places.begin() + static_cast<std::ptrdiff_t>(l.kernel.inputs.size());
    return std::any_of(outputs, l.places.end(), [&](const place& p) { return memory_[at_memory(p)].streams; });
}

void chain_maker::keep_memory_busy(chain_way& w, double unit, double room) const {
    if (w.asks.empty() || !w.busy_memory()) return;
    double asked = 0;
    for (const asked_ahead& a : w.asks) {
        const launch& l = p_.launches[members_[a.stage]];
        if (!streams(l)) return;
        asked += memory_[at_memory(l.places[a.input])].unit_bytes;
    }
    w.tile = std::min(w.tile, std::max(static_cast<index_t>(busy_bytes / asked), index_t{1}));
    const double more = static_cast<double>(busy_tiles - 1) * asked;
    if (static_cast<double>(w.tile) * (unit + more) > room) return;
    for (asked_ahead& a : w.asks) a.tiles = busy_tiles;
}

bool chain_maker::seen_before(std::size_t stage, const place& at) const {
    return std::any_of(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(stage), [&](std::uint32_t k) {
        const auto& places = p_.launches[k].places;
        return std::any_of(places.begin(), places.end(), [&](const place& p) { return p.leaf == at.leaf && p.index == at.index; });
    });
}

}  // namespace sinter::inline v1::detail::plan
