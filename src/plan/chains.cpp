#include "plan/chains.hpp"

#include "plan/chain_maker.hpp"
#include "plan/loops.hpp"

#include <algorithm>
#include <utility>

namespace sinter::inline v1::detail::plan {

using codegen::kernel_kind;

namespace {

/// How far ahead a launch is looked for that may join a chain; keeps planning near linear.
constexpr std::size_t window = 48;
constexpr index_t line = 64;
constexpr std::size_t page = 4096;

}  // namespace

std::vector<std::uint32_t> chain_maker::run() {
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
        const index_t rows = rows_of_reader(k);
        const bool chained = (rows > 1 && begin(k, rows) && grow() && settle()) || (begin(k, 1) && grow() && settle());
        if (!chained) members_.assign(1, k);
        for (const std::uint32_t l : members_) {
            done_[l] = 1;
            sequence_.push_back(l);
        }
    }
    return reorder();
}

bool chain_maker::suits(const launch& l) const {
    return !gathers(l) && !l.writes_in_place && l.lanes == 0 && !l.sums_columns && l.places.size() <= most_stage_places && l.rows > 0 && l.n > 0 && l.outer.count() > 0;
}

index_t chain_maker::rows_of_reader(std::uint32_t k) const {
    const launch& l = p_.launches[k];
    if (l.kernel.kind != kernel_kind::map || l.rows != 1 || !l.outer.empty() || !suits(l)) return 1;
    const std::size_t stop = std::min<std::size_t>(p_.launches.size(), k + window);
    std::vector<std::uint32_t> made;
    const auto note = [&](const launch& x) {
        for (std::size_t i = x.kernel.inputs.size(); i < x.places.size(); ++i) made.push_back(x.places[i].index);
    };
    note(l);
    for (std::size_t j = k + 1; j < stop; ++j) {
        const launch& next = p_.launches[j];
        if (done_[j] != 0 || !suits(next)) continue;
        const auto past = next.places.begin() + static_cast<std::ptrdiff_t>(next.kernel.inputs.size());
        const bool reads = std::any_of(next.places.begin(), past, [&](const place& p) { return !p.leaf && std::find(made.begin(), made.end(), p.index) != made.end(); });
        if (!reads) continue;
        const index_t rows = next.outer.empty() ? next.rows : next.outer[0];
        if (rows > 1) return l.n % rows == 0 ? rows : 1;
        note(next);
    }
    return 1;
}

bool chain_maker::begin(std::uint32_t k, index_t rows) {
    launch& l = p_.launches[k];
    members_.assign(1, k);
    writers_.clear();
    if (!suits(l)) return false;
    const bool by_rows = l.kernel.kind == kernel_kind::row_reduce || (l.kernel.kind == kernel_kind::map && l.rows > 1);
    l.along = !l.outer.empty() ? split_dim::outer : by_rows ? split_dim::rows : split_dim::inner;
    units_ = rows > 1 ? rows : l.along == split_dim::outer ? l.outer[0] : l.along == split_dim::rows ? l.rows : l.n;
    l.per_unit = rows > 1 ? l.n / rows : 1;
    return units_ > 1 && note_results(l);
}

bool chain_maker::note_results(const launch& l) {
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

bool chain_maker::stays_in_unit(const launch& l, std::size_t place, index_t unit) const {
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

bool chain_maker::grow() {
    const std::size_t stop = std::min<std::size_t>(p_.launches.size(), members_[0] + window);
    for (std::uint32_t j = members_[0] + 1; j < stop && members_.size() < most_stages; ++j) {
        if (done_[j] == 0 && suits(p_.launches[j]) && depends_on_none_between(j) && fit(p_.launches[j])) members_.push_back(j);
    }
    return members_.size() > 1;
}

bool chain_maker::depends_on_none_between(std::uint32_t j) const {
    const auto& after = p_.launches[j].after;
    return std::all_of(after.begin(), after.end(), [&](std::uint32_t d) {
        return done_[d] != 0 || std::find(members_.begin(), members_.end(), d) != members_.end();
    });
}

bool chain_maker::fit(launch& l) {
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

void chain_maker::adopt(const chain_way& w) {
    choose_streams(footprint(true), w.threads);
    chain c;
    c.first = static_cast<std::uint32_t>(sequence_.size());
    c.past = c.first + static_cast<std::uint32_t>(members_.size());
    c.units = units_;
    c.tile = w.tile;
    c.grain = grain_;
    c.threads = w.threads;
    c.level = w.level;
    c.of = of_;
    c.pipelined = w.pipelined;
    c.lags = lags_;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        launch& l = p_.launches[members_[i]];
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
            const chain_memory& known = memory_[x];
            const double bytes = known.unit_bytes * static_cast<double>(units_) + known.fixed_bytes;
            const bool writes = i >= l.kernel.inputs.size();
            if (writes) l.places[i].stays = !known.streams;
            if (!known.local && (writes || seen[x] == 0)) (writes ? l.does.bytes_written : l.does.bytes_read) += bytes;
            seen[x] = 1;
        }
    }
    // Threads may be at different launches, so that each needs a place of its own for whichever it is.
    for (const std::uint32_t k : members_) c.bytes = std::max(c.bytes, (tile_bytes(p_.launches[k]) + line - 1) / line * line);
    for (const chain_memory& x : memory_) {
        if (x.local) make_local(c, x.index);
    }
    if (c.pipelined) spare_row(c);
    // Hardware fetches lines that follow in the same page, which another thread's must not be: 250 us in place of 200 for logsumexp of 2048 x 1024 floats, two threads.
    if (c.threads > 1) c.bytes = (c.bytes + page / 4 + page - 1) / page * page;
    p_.chains.push_back(c);
    read_ahead(c, w.asks);
    ask_ahead(c, w.asks);
}

void chain_maker::spare_row(chain& c) const {
    std::size_t streams = 0, launch_of = 0, output = 0;
    for (std::size_t k = 0; k < members_.size(); ++k) {
        const launch& l = p_.launches[members_[k]];
        for (std::size_t o = 0; o < l.kernel.outputs.size(); ++o) {
            if (!memory_[at_memory(l.places[l.kernel.inputs.size() + o])].streams) continue;
            ++streams;
            launch_of = k;
            output = o;
        }
    }
    if (streams != 1) return;
    const launch& l = p_.launches[members_[launch_of]];
    const place& p = l.places[l.kernel.inputs.size() + output];
    if (p.leaf || p_.slots[p.index].from != slot::source::external || p.inner != 1 || l.along != split_dim::rows || l.kernel.outputs[output].paired) return;
    c.spare_launch = static_cast<std::uint32_t>(launch_of);
    c.spare_output = static_cast<std::uint32_t>(output);
    c.spare_start = c.bytes;
    c.bytes += (static_cast<std::size_t>(l.n * p.bytes) + line - 1) / line * line;
}

void chain_maker::make_local(chain& c, std::uint32_t index) {
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

void chain_maker::ask_ahead(const chain& c, const std::vector<asked_ahead>& asks) {
    for (const asked_ahead& a : asks) {
        launch& l = p_.launches[members_[a.stage]];
        if (l.places[a.input].counts) continue;
        const auto end = static_cast<std::ptrdiff_t>(l.kernel.inputs.size());
        if (l.places.size() == most_stage_places) continue;
        place next = l.places[a.input];
        next.offset += (c.pipelined ? a.units : a.tiles * c.tile) * unit_stride(l, next);
        codegen::input ahead = l.kernel.inputs[a.input];
        ahead.ahead = a.quarters;
        const index_t step = l.block_step[a.input];
        l.kernel.inputs.push_back(ahead);
        l.places.insert(l.places.begin() + end, next);
        l.block_step.insert(l.block_step.begin() + end, step);
    }
}

bool chain_maker::reads_first(std::size_t stage, std::size_t input) const {
    const auto elements = [](const launch& l) { return l.outer.count() * l.rows * l.n; };
    const launch& reads = p_.launches[members_[stage]];
    const place& at = reads.places[input];
    if (at.local || !at.leaf) return false;
    return std::none_of(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(stage), [&](std::uint32_t k) {
        const launch& l = p_.launches[k];
        return elements(l) >= elements(reads) && std::any_of(l.places.begin(), l.places.end(), [&](const place& p) { return p.leaf && p.index == at.index; });
    });
}

// Other launches run between two tiles, so what is asked for far ahead is for a tile that comes later. Measured on Granite Rapids, moments of 256 MiB in blocks of 256 KiB of which some
// are read before: 25 ms if nothing is asked for, 21 with 4 KiB or more, 17 with one or two, which is what memory takes.
void chain_maker::read_ahead(const chain& c, const std::vector<asked_ahead>& asks) {
    constexpr std::uint16_t most = 2048;
    const double bytes_touched = footprint(true);
    for (std::size_t s = 0; s < members_.size(); ++s) {
        launch& l = p_.launches[members_[s]];
        if (!l.kernel.long_rows || !reads_on(l)) continue;
        bool all = true;
        for (std::size_t i = 0; i < l.kernel.inputs.size(); ++i) {
            if (l.kernel.inputs[i].inner != codegen::access::unit || l.places[i].counts) continue;
            const bool asked = std::any_of(asks.begin(), asks.end(), [&](const asked_ahead& a) {
                const place& p = p_.launches[members_[a.stage]].places[a.input];
                return p.leaf == l.places[i].leaf && p.index == l.places[i].index;
            });
            all = all && !asked && reads_first(s, i);
        }
        if (all) l.kernel.asks_ahead = std::min(most, bytes_ahead(m_, bytes_touched, c.threads, true));
    }
}

std::vector<std::uint32_t> chain_maker::reorder() {
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
    return place;
}

std::vector<std::uint32_t> make_chains(plan& p, const request& r, decide_function decide) { return chain_maker(p, r, decide).run(); }

}  // namespace sinter::inline v1::detail::plan
