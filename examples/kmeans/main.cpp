// Paints a photograph with few colours, found by k-means clustering of its pixels with a page of array statements (clustering.cpp), and compares them with
// plain loops.
#include "../support/arguments.hpp"
#include "../support/image.hpp"
#include "../support/race.hpp"
#include "clustering.hpp"
#include "options.hpp"
#include "plain_loops.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>

namespace sn = sinter;

namespace kmeans {
namespace {

using support::entrant;
using support::image;
using support::median;

// Sums of float squares in another order, as double.
constexpr double largest_inertia_difference = 1e-12;

struct outcome {
    labels nearest;
    counts members;
    colours centres;
    std::vector<double> inertia;
};

class studio {
public:
    explicit studio(const image& picture)
        : height_{static_cast<sn::index_t>(picture.height)}, width_{static_cast<sn::index_t>(picture.width)}, pixels_(planes(picture)) {}

    [[nodiscard]] const colours& pixels() const { return pixels_; }

    [[nodiscard]] outcome cluster(const colours& start, int steps) const {
        outcome made{{}, {}, start, {}};
        for (int i = 0; i < steps; ++i) {
            const step s = improve(pixels_, made.centres);
            sn::eval(s.members, s.centres, s.inertia);
            made.nearest = s.nearest;
            made.members = s.members;
            made.centres = s.centres;
            made.inertia.push_back(s.inertia.item());
        }
        return made;
    }

    /// Whether plain loops make the same of it; says so.
    [[nodiscard]] bool check(const colours& start, const outcome& ours) const {
        plain_step plain{{}, start.to_vector(), 0};
        double apart = 0;
        for (const double inertia : ours.inertia) {
            plain_improve(pixels_.data(), static_cast<std::size_t>(pixels_.extent(1)), plain.centres, plain);
            apart = std::max(apart, std::abs(plain.inertia - inertia) / std::max(plain.inertia, 1e-300));
        }
        const bool same = ours.nearest.to_vector() == plain.nearest && ours.centres.to_vector() == plain.centres;
        const bool close = apart <= largest_inertia_difference;
        std::printf("\nplain loops, %zu steps: colours and pixels %s, inertia differs by %.2g of it%s\n", ours.inertia.size(),
                    same ? "are the same, bit for bit" : "are DIFFERENT", apart, close ? "" : ", which is TOO MUCH");
        return same && close;
    }

    /// Writes the picture in its new colours with the palette under it, and says how far it is from the one that was read.
    void write(const options& chosen, const outcome& made, const image& picture) const {
        const sn::index_t strip = std::max<sn::index_t>(height_ / 12, 1);
        const bytes painted = paint(made.nearest, made.centres).reshape({height_, width_, 3});
        const bytes sheet = sn::concatenate<std::uint8_t>({painted, palette_strip(made.centres, strip, width_)}, {.axis = 0});
        const bytes before = sn::borrow(picture.samples.data(), {height_, width_, 3});
        const double error = mean(square(sn::cast<double>(painted) - sn::cast<double>(before))).item();
        std::printf("\n%td colours in use, PSNR ", sn::count_nonzero(made.members).item());
        std::printf(error > 0 ? "%.2f dB\n" : "without bound: no pixel has changed\n", 10 * std::log10(255.0 * 255.0 / error));

        std::filesystem::create_directories(chosen.folder);
        const auto file = chosen.folder / (chosen.picture.stem().string() + "-" + std::to_string(chosen.colours) + "-colours.png");
        support::write_png(file, static_cast<std::size_t>(height_ + strip), static_cast<std::size_t>(width_), 3,
                           {sheet.data(), static_cast<std::size_t>(sheet.size())});
        std::printf("wrote %s\n", file.c_str());
    }

private:
    // Each channel on its own, (3, n): neighbours in memory are then neighbours in the arithmetic.
    static colours planes(const image& picture) {
        const auto n = static_cast<sn::index_t>(picture.height * picture.width);
        const bytes samples = sn::borrow(picture.samples.data(), {n, 3});
        colours result = sn::cast<float>(samples.transpose());
        result.eval();
        return result;
    }

    sn::index_t height_, width_;
    colours pixels_;
};

void print_inertia(const std::vector<double>& inertia, double pixels) {
    std::printf("\nmean squared distance, step by step:");
    for (std::size_t i = 0; i < inertia.size(); ++i) std::printf("%s%9.3f", i % 8 == 0 ? "\n " : " ", inertia[i] / pixels);
    std::printf("\n");
}

void print_times(const options& chosen, const studio& work, const colours& start) {
    const auto once = [&] { static_cast<void>(work.cluster(start, 1)); };
    std::vector<entrant> entrants;
    const std::string threads = chosen.threads == 0 ? "all threads" : std::to_string(chosen.threads) + (chosen.threads == 1 ? " thread" : " threads");
    entrants.push_back({"Sinter, " + threads, once});
    if (chosen.threads != 1) {
        entrants.push_back({"Sinter, 1 thread", [&] {
                                const sn::scoped_options one_thread{.threads = 1};
                                once();
                            }});
    }
    const std::vector<float> first = start.to_vector();
    plain_step plain;
    entrants.push_back({"plain loops, 1 thread", [&] { plain_improve(work.pixels().data(), static_cast<std::size_t>(work.pixels().extent(1)), first, plain); }});
    support::race(entrants, chosen.runs);
    const double ours = median(entrants.front().seconds);
    std::printf("\na step, median of %d in turn:\n", chosen.runs);
    for (const entrant& each : entrants) {
        const double seconds = median(each.seconds);
        std::printf("  %-33s %9.3f ms %8.2f\n", each.name.c_str(), seconds * 1e3, seconds / ours);
    }
}

int run(const options& chosen) {
    if (chosen.threads > 0) sn::set_threads(chosen.threads);
    const image picture = support::read_image(chosen.picture);
    const studio work(picture);
    std::printf("%s: %zu x %zu pixels, %d colours\n", chosen.picture.c_str(), picture.width, picture.height, chosen.colours);

    colours start;
    const double drawing = support::time_once([&] { start = draw_start(work.pixels(), chosen.colours, static_cast<std::uint64_t>(chosen.seed)); });
    std::printf("first colours drawn in %.1f ms\n", drawing * 1e3);
    if (chosen.plan) {
        const assignment a = assign(work.pixels(), start);
        std::fflush(stdout);
        std::cout << "\nthe nearest colours: " << sn::explain(a.nearest, a.apart) << std::flush;
    }

    const outcome made = work.cluster(start, chosen.steps);
    print_inertia(made.inertia, static_cast<double>(work.pixels().extent(1)));
    work.write(chosen, made, picture);
    bool good = work.check(start, made);
    if (chosen.threads != 1) {
        const sn::scoped_options one_thread{.threads = 1};
        const outcome again = work.cluster(start, chosen.steps);
        const bool same = array_equal(again.nearest, made.nearest) && array_equal(again.centres, made.centres) && again.inertia == made.inertia;
        std::printf("one thread and more: %s\n", same ? "the same, bit for bit" : "DIFFERENT");
        good = good && same;
    }
    print_times(chosen, work, start);
    if (!good) {
        std::fprintf(stderr, "kmeans: array statements and plain loops disagree\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace kmeans

int main(int count, char** words) {
    try {
        const kmeans::options chosen = kmeans::parse(count, words);
        if (chosen.help) {
            std::fwrite(kmeans::usage.data(), 1, kmeans::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return kmeans::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "kmeans: %s\n%s", error.what(), kmeans::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "kmeans: not enough memory for this picture\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "kmeans: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
