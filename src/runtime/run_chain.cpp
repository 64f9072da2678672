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

/// One thread's way through its units.
class chain_runner {
public:
    chain_runner(const chain& c, const ready_plan& ready, std::byte* const* base, const std::uint64_t* params, std::byte* tiles, std::size_t thread,
                 launch_measure* measured)
        : c_{c}, launches_{ready.steps.launches.data() + c.first}, base_{base}, own_bytes_{thread * c.bytes}, measured_{measured} {
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
        for (std::size_t s = 0; s < count(); ++s) {
            stages_[s].value.publish();
            if (measured_ != nullptr) measured_[c_.first + s].passed_over.fetch_add(stages_[s].value.passed_over(), std::memory_order_relaxed);
        }
    }

private:
    [[nodiscard]] std::size_t count() const noexcept { return c_.past - c_.first; }

    const chain& c_;
    const launch* launches_;
    std::byte* const* base_;
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
