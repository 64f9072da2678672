#include "base/default_environment.hpp"
#include "runtime/place_steps.hpp"
#include "runtime/runner.hpp"
#include "runtime/threads.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <type_traits>

namespace sinter::inline v1::detail::runtime {

using plan::chain;
using plan::launch;
using plan::split_dim;

namespace {

static_assert(plan::most_stage_places <= operand_room::few);

/// The part of a launch's loops that some units of its chain are.
[[nodiscard]] portion portion_of(const launch& l, index_t low, index_t high) {
    const index_t around = l.outer.count() * l.blocks;
    portion part{0, around, 0, l.rows, 0, l.n};
    switch (l.along) {
        case split_dim::outer:
            part.around_low = around / l.outer[0] * low;
            part.around_high = around / l.outer[0] * high;
            break;
        case split_dim::rows:
            part.rows_low = low * l.per_unit;
            part.rows_high = high * l.per_unit;
            break;
        default:
            part.n_low = low * l.per_unit;
            part.n_high = high * l.per_unit;
    }
    return part;
}

/// What one kernel of a pipeline does for each row: that of its launches side by side, or of one whose rows are single elements.
class row_call {
public:
    /// first: the row of the first launch to begin with. spare: null, or a row for the result that may begin within a line. of(launch): whether it is the kernel's.
    template <class Of>
    row_call(const codegen::executable& code, const chain& c, const launch* launches, std::byte* const* base, index_t own_bytes, const std::uint64_t* params, index_t first, std::byte* spare, Of of)
        : code_{code}, most_kept_{c.tile - 1} {
        // By kind, as the kernel has them.
        for (const int kind : {0, 1, 2}) {
            std::byte* const* of_launch = base;
            const std::uint64_t* own_params = params;
            for (std::uint32_t s = 0; s < c.past - c.first; ++s) {
                const launch& l = launches[s];
                const std::size_t outputs = l.kernel.inputs.size(), reductions = outputs + l.kernel.outputs.size();
                const std::size_t low = kind == 0 ? 0 : kind == 1 ? outputs : reductions, high = kind == 0 ? outputs : kind == 1 ? reductions : l.places.size();
                for (std::size_t i = low; of(s) && i < high; ++i) {
                    const plan::place& p = l.places[i];
                    const bool is_spare = spare != nullptr && s == c.spare_launch && i == outputs + c.spare_output;
                    std::byte* const start = is_spare ? spare : of_launch[i] + (p.local ? own_bytes : 0);
                    const index_t stride = is_spare ? 0 : plan::unit_stride(l, p) * p.bytes;
                    // Imaginary parts go with the real ones before them.
                    const bool goes_past = kind == 1 && l.predicted.streaming && !p.stays && (i == outputs || !codegen::is_pair(l.kernel.outputs[i - outputs - 1]));
                    if (goes_past) in_lines_ = in_lines_ && reinterpret_cast<std::uintptr_t>(start) % 64 == 0 && stride % 64 == 0;
                    if (p.local) kept_[kept_count_++] = {.start = start, .stride = stride, .lag = c.lags[s], .operand = count_};
                    pointers_[count_] = start + (p.local ? 0 : (first - c.lags[s]) * stride);
                    strides_[count_] = p.local ? 0 : stride;
                    inner_strides_[count_++] = p.inner * p.bytes;
                }
                if (of(s) && f_.n == 0) {
                    f_.n = l.along == split_dim::rows ? l.n : 1;
                    // Of a kernel of several launches those of all, whether they are its own or not.
                    f_.params = l.along == split_dim::rows ? params : own_params;
                }
                of_launch += l.places.size();
                own_params += l.params.size();
            }
        }
        f_.pointers = pointers_.data();
        f_.row_strides = no_strides.data();
        f_.inner_strides = inner_strides_.data();
    }
    row_call(const row_call&) = delete;
    row_call& operator=(const row_call&) = delete;

    /// Whether the rows of results that go past the caches begin with lines.
    [[nodiscard]] bool in_lines() const noexcept { return in_lines_; }

    /// Row after row, from the first on.
    void run(index_t row) {
        for (std::size_t i = 0; i < kept_count_; ++i) {
            const kept& k = kept_[i];
            pointers_[k.operand] = k.start + ((row - k.lag) & most_kept_) * k.stride;
        }
        code_.run_in_default(f_);
        for (std::size_t i = 0; i < count_; ++i) pointers_[i] += strides_[i];
    }

private:
    /// An operand of which only some rows have memory.
    struct kept {
        std::byte* start;
        index_t stride;  // bytes from row to row
        index_t lag;
        std::size_t operand;
    };
    static constexpr std::array<index_t, plan::most_pipeline_places> no_strides{};

    const codegen::executable& code_;
    std::size_t count_ = 0, kept_count_ = 0;
    index_t most_kept_;  // rows, less one
    bool in_lines_ = true;
    std::array<std::byte*, plan::most_pipeline_places> pointers_;
    std::array<index_t, plan::most_pipeline_places> strides_;  // bytes from row to row; 0 for those that are kept
    std::array<index_t, plan::most_pipeline_places> inner_strides_;
    std::array<kept, plan::most_pipeline_places> kept_;
    codegen::frame f_;
};

/// One thread's way through its units.
class chain_runner {
public:
    chain_runner(const chain& c, const ready_plan& ready, std::byte* const* base, const std::uint64_t* params, std::byte* tiles, std::size_t thread,
                 launch_measure* measured)
        : c_{c}, launches_{ready.steps.launches.data() + c.first}, pipeline_{ready.pipelines[static_cast<std::size_t>(&c - ready.steps.chains.data())]}, base_{base}, params_{params}, tiles_{tiles},
          own_bytes_{thread * c.bytes}, measured_{measured} {
        for (std::size_t s = 0; s < count(); ++s) {
            const launch& l = launches_[s];
            std::construct_at(&stages_[s].value, l, code_of(ready, c.first + s), base, params, tiles + own_bytes_, nullptr);
            plain_[s] = runner::is_plain_stage(l);
            base += l.places.size();
            params += l.params.size();
        }
    }

    void run(index_t low, index_t high) {
        const base::default_environment environment;
        const index_t longest = *std::max_element(c_.lags.begin(), c_.lags.begin() + static_cast<std::ptrdiff_t>(count()));
        if (pipeline_.code != nullptr && high - low > longest && run_as_pipeline(low, high, longest)) return finish();
        for (std::size_t s = 0; s < count(); ++s) {
            if (plain_[s]) stages_[s].value.begin_units(own_bytes_, low, c_.tile);
        }
        for (index_t at = low; at < high; at += c_.tile) {
            const index_t past = std::min(high, at + c_.tile);
            std::byte* const* base = base_;
            for (std::size_t s = 0; s < count(); ++s) {
                const launch& l = launches_[s];
                runner& stage = stages_[s].value;
                if (plain_[s]) {
                    stage.run_units(past - at);
                    base += l.places.size();
                    continue;
                }
                for (std::size_t i = 0; i < l.places.size(); ++i) {
                    if (l.places[i].local) stage.lie(i, base[i] + own_bytes_, at * plan::unit_stride(l, l.places[i]));
                }
                stage.run(portion_of(l, at, past));
                base += l.places.size();
            }
        }
        finish();
    }

private:
    [[nodiscard]] std::size_t count() const noexcept { return c_.past - c_.first; }

    /// False: its results' rows lie where they cannot be stored past the caches.
    [[nodiscard]] bool run_as_pipeline(index_t low, index_t high, index_t longest) {
        const auto along_rows = [&](std::size_t s) { return launches_[s].along == split_dim::rows; };
        const auto own = static_cast<index_t>(own_bytes_);
        row_call all(*pipeline_.code, c_, launches_, base_, own, params_, low + longest, nullptr, along_rows);
        if (!pipeline_.streams || all.in_lines()) {
            run_rows(all, low, high, longest, [](index_t) {});
            return true;
        }
        if (pipeline_.beside == nullptr) return false;
        row_call beside(*pipeline_.beside, c_, launches_, base_, own, params_, low + longest, tiles_ + own_bytes_ + c_.spare_start, along_rows);
        run_rows(beside, low, high, longest, [&](index_t row) { copy_spare(row - c_.lags[c_.spare_launch]); });
        return true;
    }

    /// The row of a result that has been computed in the spare one.
    void copy_spare(index_t row) {
        const launch& l = launches_[c_.spare_launch];
        const std::size_t place = l.kernel.inputs.size() + c_.spare_output;
        const plan::place& p = l.places[place];
        std::byte* const* base = base_;
        for (std::size_t s = 0; s < c_.spare_launch; ++s) base += launches_[s].places.size();
        std::byte* const to = base[place] + row * plan::unit_stride(l, p) * p.bytes;
        const auto misaligned = static_cast<index_t>((64 - reinterpret_cast<std::uintptr_t>(to) % 64) % 64);
        const index_t head = misaligned % p.bytes == 0 ? std::min(misaligned, l.n * p.bytes) : l.n * p.bytes;
        copy_part(*pipeline_.copy_head, to, 0, head / p.bytes, p.bytes);
        copy_part(*pipeline_.copy, to, head / p.bytes, l.n, p.bytes);
    }
    void copy_part(const codegen::executable& code, std::byte* to, index_t low, index_t high, index_t bytes) {
        std::byte* const pointers[] = {tiles_ + own_bytes_ + c_.spare_start + low * bytes, to + low * bytes};
        const index_t strides[] = {0, 0};
        code.run_in_default({.pointers = pointers, .row_strides = strides, .inner_strides = strides, .n = high - low});
    }

    /// after(row): what else a row of the first launch is followed by.
    template <class After>
    void run_rows(row_call& all, index_t low, index_t high, index_t longest, After after) {
        union room {
            room() noexcept {}
            row_call call;
        };
        std::array<room, plan::most_pipeline_elements> elements;
        std::size_t n = 0;
        for (std::size_t s = 0; s < count(); ++s) {
            if (launches_[s].along == split_dim::rows) continue;
            std::construct_at(&elements[n++].call, stages_[s].value.code(), c_, launches_, base_, static_cast<index_t>(own_bytes_), params_, low + longest, nullptr, [&](std::size_t x) { return x == s; });
        }
        // Until the last launch has its first row, and after the first one has had its last.
        for (index_t row = low; row < low + longest; ++row) run_row(row, low, high);
        for (index_t row = low + longest; row < high; ++row) {
            for (std::size_t i = 0; i < n; ++i) elements[i].call.run(row);
            all.run(row);
            after(row);
        }
        for (index_t row = high; row < high + longest; ++row) run_row(row, low, high);
    }

    /// A row of a pipeline, one launch after the other.
    void run_row(index_t row, index_t low, index_t high) {
        std::byte* const* base = base_;
        for (std::size_t s = 0; s < count(); base += launches_[s].places.size(), ++s) {
            const launch& l = launches_[s];
            const index_t at = row - c_.lags[s];
            if (at < low || at >= high) continue;
            for (std::size_t i = 0; i < l.places.size(); ++i) {
                if (l.places[i].local) stages_[s].value.lie(i, base[i] + own_bytes_, (at - (at & (c_.tile - 1))) * plan::unit_stride(l, l.places[i]));
            }
            stages_[s].value.run(portion_of(l, at, at + 1));
        }
    }

    void finish() {
        for (std::size_t s = 0; s < count(); ++s) {
            stages_[s].value.publish();
            if (measured_ != nullptr) measured_[c_.first + s].passed_over.fetch_add(stages_[s].value.passed_over(), std::memory_order_relaxed);
        }
    }

    const chain& c_;
    const launch* launches_;
    const ready_pipeline& pipeline_;
    std::byte* const* base_;
    const std::uint64_t* params_;
    std::byte* tiles_;  // the first thread's
    std::size_t own_bytes_;  // to this thread's memory from the first one's
    launch_measure* measured_;
    /// Room for one that begins when its stage is known: clearing it all would take as long as a small chain.
    union place_for_runner {
        place_for_runner() noexcept {}
        runner value;
    };
    static_assert(std::is_trivially_destructible_v<runner>);
    std::array<bool, plan::most_stages> plain_;
    std::array<place_for_runner, plan::most_stages> stages_;
};

}  // namespace

void run_chain(const chain& c, const ready_plan& ready, std::byte* const* base, const std::uint64_t* params, std::byte* tiles,
               const plan::node_split* split, launch_measure* measured) {
    if (c.threads <= 1) {
        chain_runner{c, ready, base, params, tiles, 0, measured}.run(0, c.units);
        return;
    }
    // As a single launch would be split, so that each thread finds its rows where others left them.
    const index_t grains = (c.units + c.grain - 1) / c.grain;
    const auto run_part = [&](int p, index_t first, index_t past) {
        const index_t low = std::min(c.units, first * c.grain);
        const index_t high = std::min(c.units, past * c.grain);
        if (low >= high) return;
        chain_runner{c, ready, base, params, tiles, static_cast<std::size_t>(p), measured}.run(low, high);
        const launch& l = ready.steps.launches[c.first];
        if (split != nullptr) note_part({&l, split, p, low, high, c.units, base[l.kernel.inputs.size()]});
    };
    if (split == nullptr) {
        parallel(c.threads, [&](int p) { run_part(p, grains * p / c.threads, grains * (p + 1) / c.threads); });
    } else {
        parallel_over(*split, [&](int p) { run_part(p, split->low(grains, p), split->low(grains, p + 1)); });
    }
}

}  // namespace sinter::inline v1::detail::runtime
