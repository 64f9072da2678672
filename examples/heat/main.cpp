// Lets heat flow from the hot left edge of a plate to the cold right one, around what insulates: a photograph says where that is. Thousands of steps of a page of array
// statements (flow.cpp), each one kernel, between two arrays; compared with plain loops.
#include "../support/arguments.hpp"
#include "../support/image.hpp"
#include "../support/race.hpp"
#include "flow.hpp"
#include "options.hpp"
#include "picture.hpp"
#include "plain_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <utility>

namespace sn = sinter;
using sn::all;
using sn::range;

namespace heat {
namespace {

using support::entrant;
using support::median;

// Of all heat, where none can leave: each step rounds each cell by a share of 6e-8, up or down.
constexpr double largest_loss = 1e-6;
constexpr int steps_without_edges = 5000;
constexpr int raced_steps = 200;

enum class pace {
    one_by_one,  ///< each step is evaluated before the next one is recorded: two arrays take turns
    pending      ///< steps are recorded; the library computes some of them whenever they have become many
};

// Cells and their rim, and the array that the next step is written to.
class body {
public:
    explicit body(plane start) : now_(std::move(start)), next_(now_) {}

    void run(int steps, const plate& p, pace how) {
        for (int i = 0; i < steps; ++i) {
            flow(next_, now_, p);
            if (how == pace::one_by_one) next_.eval();
            std::swap(now_, next_);
        }
        now_.eval();
    }
    [[nodiscard]] sn::plan_report plan(const plate& p) {
        run(2, p, pace::one_by_one);
        flow(next_, now_, p);
        return sn::explain(next_);
    }

    [[nodiscard]] const plane& now() const { return now_; }
    [[nodiscard]] plane cells() const { return now_(range(1, -1), range(1, -1)); }
    /// After at least one step.
    [[nodiscard]] float last_change() const { return max(abs(now_ - next_)).item(); }

private:
    plane now_, next_;
};

// Halfway between the left edge, which is hot, and the right one, which is cold.
plane lukewarm(const plate& p) {
    plane t = sn::full<float>({p.across.extent(0) + 2, p.down.extent(1) + 2}, 0.5f);
    t(all, 0) = 1.0f;
    t(all, -1) = 0.0f;
    return t.eval();
}

bool same_bits(const plane& a, const std::vector<float>& b) {
    return static_cast<std::size_t>(a.size()) == b.size() && std::memcmp(a.data(), b.data(), b.size() * sizeof(float)) == 0;
}

std::vector<float> run_plainly(const plane& start, const plate& p, int steps) {
    std::vector<float> now = start.to_vector(), next = now;
    const auto h = static_cast<std::size_t>(p.across.extent(0)), w = static_cast<std::size_t>(p.down.extent(1));
    for (int i = 0; i < steps; ++i) {
        plain_flow(next.data(), now.data(), p.across.data(), p.down.data(), h, w);
        now.swap(next);
    }
    return now;
}

// Four frames, each at four times the time of the one before, as heat comes twice as far in that. The last one's temperatures.
plane draw(const options& chosen, const plate& p, const plane& conducts) {
    body b(lukewarm(p));
    std::vector<bytes> frames;
    std::printf("\n      step   mean temperature   largest change   flows in   flows out\n");
    int done = 0;
    for (const int parts : {64, 16, 4, 1}) {
        const int until = chosen.steps / parts;
        b.run(until - done, p, pace::one_by_one);
        done = until;
        frames.push_back(paint(b.cells(), conducts));
        const balance edge = through_edges(b.now(), p);
        const plane average = mean(b.cells());
        sn::eval(frames.back(), edge.in, edge.out, average);
        std::printf("%10d %18.4f %16.2g %10.5f %11.5f\n", done, static_cast<double>(average.item()), static_cast<double>(b.last_change()), edge.in.item(), edge.out.item());
    }
    const bytes sheet = four_together(frames);
    std::filesystem::create_directories(chosen.folder);
    const auto file = chosen.folder / (chosen.picture.stem().string() + "-heat.png");
    support::write_png(file, static_cast<std::size_t>(sheet.extent(0)), static_cast<std::size_t>(sheet.extent(1)), 3, {sheet.data(), static_cast<std::size_t>(sheet.size())});
    std::printf("wrote %s\n", file.c_str());
    return b.now();
}

// Whether all heat stays where no edge lets it pass, when the cells begin as warm as the picture is bright; says so.
bool keeps_heat(const options& chosen, const plane& light, const plane& conducts) {
    plane start = sn::zeros<float>({light.extent(0) + 2, light.extent(1) + 2});
    start(range(1, -1), range(1, -1)) = light;
    body b(start);
    const auto total = [&] { return sum(sn::cast<double>(b.cells())).item(); };
    const int steps = std::min(chosen.steps, steps_without_edges);
    const double before = total();
    b.run(steps, join(conducts, edges::none), pace::one_by_one);
    const double lost = std::abs(total() - before) / std::max(before, 1e-300);
    std::printf("\nno edge lets heat pass, %d steps: %.2g of all heat is lost or won (at most %.0e)\n", steps, lost, largest_loss);
    return lost <= largest_loss;
}

// Whether plain loops, one thread and steps that stay pending come to the same; says so.
bool compare(const options& chosen, const plate& p, const plane& ours) {
    const plane start = lukewarm(p);
    const bool plain = same_bits(ours, run_plainly(start, p, chosen.steps));
    std::printf("plain loops, %d steps:       %s\n", chosen.steps, plain ? "the same, bit for bit" : "DIFFERENT");
    body waiting(start);
    waiting.run(chosen.steps, p, pace::pending);
    const bool pending = array_equal(ours, waiting.now());
    std::printf("steps that stay pending:     %s\n", pending ? "the same, bit for bit" : "DIFFERENT");
    if (chosen.threads == 1) return plain && pending;
    const sn::scoped_options one_thread{.threads = 1};
    body alone(start);
    alone.run(chosen.steps, p, pace::one_by_one);
    const bool single = array_equal(ours, alone.now());
    std::printf("one thread and more:         %s\n", single ? "the same, bit for bit" : "DIFFERENT");
    return plain && pending && single;
}

void print_times(const options& chosen, const plate& p) {
    const plane start = lukewarm(p);
    const int steps = std::min(chosen.steps, raced_steps);
    const auto run = [&](pace how) { body(start).run(steps, p, how); };
    std::vector<entrant> entrants;
    const std::string threads = chosen.threads == 0 ? "all threads" : std::to_string(chosen.threads) + (chosen.threads == 1 ? " thread" : " threads");
    entrants.push_back({"Sinter, " + threads, [&] { run(pace::one_by_one); }});
    entrants.push_back({"Sinter, pending, " + threads, [&] { run(pace::pending); }});
    if (chosen.threads != 1) {
        entrants.push_back({"Sinter, 1 thread", [&] {
                                const sn::scoped_options one_thread{.threads = 1};
                                run(pace::one_by_one);
                            }});
    }
    entrants.push_back({"plain loops, 1 thread", [&] { static_cast<void>(run_plainly(start, p, steps)); }});
    support::race(entrants, chosen.runs);
    const double ours = median(entrants.front().seconds);
    std::printf("\na step, of %d, median of %d in turn:\n", steps, chosen.runs);
    for (const entrant& each : entrants) {
        const double seconds = median(each.seconds);
        std::printf("  %-33s %9.1f us %8.2f\n", each.name.c_str(), seconds / steps * 1e6, seconds / ours);
    }
}

int run(const options& chosen) {
    if (chosen.threads > 0) sn::set_threads(chosen.threads);
    const support::image picture = support::read_image(chosen.picture);
    const auto height = static_cast<sn::index_t>(picture.height), width = static_cast<sn::index_t>(picture.width);
    if (std::min(height, width) < chosen.scale) throw std::runtime_error(chosen.picture.string() + ": smaller than one cell of --scale " + std::to_string(chosen.scale));
    const plane light = brightness(sn::borrow(picture.samples.data(), {height, width, 3}), chosen.scale);
    const plane conducts = conductivity(light);
    sn::eval(light, conducts);
    const plate p = join(conducts, edges::left_and_right);
    std::printf("%s: %td x %td cells\n", chosen.picture.c_str(), light.extent(1), light.extent(0));
    if (chosen.plan) {
        std::fflush(stdout);
        std::cout << "\none step: " << body(lukewarm(p)).plan(p) << std::flush;
    }

    const plane last = draw(chosen, p, conducts);
    const bool kept = keeps_heat(chosen, light, conducts);
    const bool same = compare(chosen, p, last);
    print_times(chosen, p);
    if (!kept) std::fprintf(stderr, "heat: heat is lost or won by more than rounding explains\n");
    if (!same) std::fprintf(stderr, "heat: array statements and plain loops disagree\n");
    return kept && same ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace heat

int main(int count, char** words) {
    try {
        const heat::options chosen = heat::parse(count, words);
        if (chosen.help) {
            std::fwrite(heat::usage.data(), 1, heat::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return heat::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "heat: %s\n%s", error.what(), heat::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "heat: not enough memory for this picture\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "heat: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
