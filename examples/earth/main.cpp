// Sharpens a picture and shades its relief with a page of array statements (pipeline.cpp), and compares three ways of
// running them: in one plan, one statement at a time, and as plain loops.
#include "../support/arguments.hpp"
#include "../support/image.hpp"
#include "../support/race.hpp"
#include "options.hpp"
#include "pipeline.hpp"
#include "plain_loops.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <thread>

namespace sn = sinter;

namespace earth {
namespace {

using support::entrant;
using support::image;
using support::median;

// Largest differences that rounding in another order explains: half a step of 8 bits may fall to either side, and
// shading multiplies what is left of two nearly equal luminances.
constexpr int largest_level_difference = 1;
constexpr float largest_light_difference = 1e-5f;

// What one way of running makes of the picture.
struct result {
    std::vector<std::uint8_t> colour;
    std::vector<std::uint8_t> relief;
    std::vector<float> light;
    std::vector<float> shade;
};

class studio {
public:
    explicit studio(image picture)
        : picture_(std::move(picture)),
          rgb_(sn::borrow(static_cast<const std::uint8_t*>(picture_.samples.data()),
                          {extent(picture_.height), extent(picture_.width), 3})),
          loops_(picture_.height, picture_.width),
          colour_(picture_.samples.size()),
          relief_(picture_.height * picture_.width) {}

    studio(const studio&) = delete;
    studio& operator=(const studio&) = delete;

    // In one plan the two pictures go straight into memory that is there already; one by one they are evaluated already.
    void run(pace how) {
        const developed d = develop(rgb_, how);
        if (how == pace::planned) {
            sn::eval(sn::to(colour_, d.colour), sn::to(relief_, d.relief));
        }
    }
    void run(decoding how) { loops_.run(picture_.samples, how, colour_, relief_); }

    [[nodiscard]] result whole_result(pace how) {
        const developed d = develop(rgb_, how);
        const std::size_t pixels = relief_.size();
        result r{std::vector<std::uint8_t>(3 * pixels), std::vector<std::uint8_t>(pixels), std::vector<float>(pixels),
                 std::vector<float>(pixels)};
        sn::eval(sn::to(r.colour, d.colour), sn::to(r.relief, d.relief), sn::to(r.light, d.light), sn::to(r.shade, d.shade));
        return r;
    }
    [[nodiscard]] result whole_result(decoding how) {
        run(how);
        return {colour_, relief_, {loops_.light().begin(), loops_.light().end()}, {loops_.shade().begin(), loops_.shade().end()}};
    }

    [[nodiscard]] sn::plan_report plan() const {
        const developed d = develop(rgb_, pace::planned);
        return sn::explain(d.colour, d.relief);
    }

    [[nodiscard]] const image& picture() const { return picture_; }

private:
    static sn::index_t extent(std::size_t n) { return static_cast<sn::index_t>(n); }

    image picture_;
    bytes rgb_;  // looks into picture_
    plain_loops loops_;
    std::vector<std::uint8_t> colour_;
    std::vector<std::uint8_t> relief_;
};

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

bool same_bits(const result& a, const result& b) {
    return same_bits(a.colour, b.colour) && same_bits(a.relief, b.relief) && same_bits(a.light, b.light) &&
           same_bits(a.shade, b.shade);
}

int level_difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
    int largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
    }
    return largest;
}

// Not a number counts as infinitely far from everything.
float difference(const std::vector<float>& a, const std::vector<float>& b) {
    float largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const float d = std::abs(a[i] - b[i]);
        largest = std::isnan(d) ? HUGE_VALF : std::max(largest, d);
    }
    return largest;
}

std::string counted(int n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

// Whether all ways agree; says so.
bool compare(studio& work, int threads) {
    const result planned = work.whole_result(pace::planned);
    const result stepwise = work.whole_result(pace::one_by_one);
    const result plain = work.whole_result(decoding::formula);
    const result tabled = work.whole_result(decoding::table);
    bool single_same = true;
    if (threads != 1) {
        const sn::scoped_options one_thread{.threads = 1};
        single_same = same_bits(planned, work.whole_result(pace::planned));
    }
    const bool bits = same_bits(planned, stepwise);
    const int level = std::max(level_difference(planned.colour, plain.colour), level_difference(planned.relief, plain.relief));
    const float light = difference(planned.light, plain.light);
    const float shade = difference(planned.shade, plain.shade);

    std::printf("\none plan and one by one:    %s\n", bits ? "the same, bit for bit" : "DIFFERENT");
    if (threads != 1) {
        std::printf("one thread and more:        %s\n", single_same ? "the same, bit for bit" : "DIFFERENT");
    }
    std::printf("largest difference from plain loops: %d of 255 levels; sharpened luminance %.2g, shade %.2g (both 0 to 1)\n",
                level, static_cast<double>(light), static_cast<double>(shade));
    std::printf("plain loops by the formula and by the table: %s\n",
                level_difference(plain.colour, tabled.colour) == 0 && level_difference(plain.relief, tabled.relief) == 0
                    ? "the same levels"
                    : "different levels");
    return bits && single_same && level <= largest_level_difference && light <= largest_light_difference &&
           shade <= largest_light_difference;
}

void print_times(const std::vector<entrant>& entrants, double first) {
    const double planned = median(entrants.front().seconds);
    std::printf("\nmedian of %s, in turn:\n", counted(static_cast<int>(entrants.front().seconds.size()), "run").c_str());
    for (const entrant& each : entrants) {
        const double seconds = median(each.seconds);
        std::printf("  %-44s %9.3f ms %8.2f\n", each.name.c_str(), seconds * 1e3, seconds / planned);
    }
    std::printf("  %-44s %9.3f ms\n", "the first run of the plan, compiling included", first * 1e3);
}

void write_results(const options& chosen, const result& made, const image& picture) {
    std::filesystem::create_directories(chosen.folder);
    const std::string stem = chosen.picture.stem().string();
    const auto sharpened = chosen.folder / (stem + "-sharpened.png");
    const auto relief = chosen.folder / (stem + "-relief.png");
    support::write_png(sharpened, picture.height, picture.width, 3, made.colour);
    support::write_png(relief, picture.height, picture.width, 1, made.relief);
    std::printf("wrote %s\nwrote %s\n", sharpened.c_str(), relief.c_str());
}

int run(const options& chosen) {
    if (chosen.threads > 0) {
        sn::set_threads(chosen.threads);
    }
    studio work(support::read_image(chosen.picture));
    const image& picture = work.picture();
    std::printf("%s: %zu x %zu pixels\n", chosen.picture.c_str(), picture.width, picture.height);

    const sn::plan_report plan = work.plan();
    if (chosen.plan) {
        std::fflush(stdout);
        std::cout << '\n' << plan << std::flush;
    }
    double predicted = 0;
    for (const auto& kernel : plan.kernels) {
        predicted += kernel.predicted_seconds;
    }

    const double first = support::time_once([&] { work.run(pace::planned); });
    write_results(chosen, work.whole_result(pace::planned), picture);

    std::vector<entrant> entrants;
    const std::string threads = chosen.threads == 0 ? "all threads" : counted(chosen.threads, "thread");
    entrants.push_back({"Sinter, one plan, " + threads, [&] { work.run(pace::planned); }});
    entrants.push_back({"Sinter, one by one, " + threads, [&] { work.run(pace::one_by_one); }});
    if (chosen.threads != 1) {
        entrants.push_back({"Sinter, one plan, 1 thread", [&] {
                                const sn::scoped_options one_thread{.threads = 1};
                                work.run(pace::planned);
                            }});
        entrants.push_back({"Sinter, one by one, 1 thread", [&] {
                                const sn::scoped_options one_thread{.threads = 1};
                                work.run(pace::one_by_one);
                            }});
    }
    entrants.push_back({"plain loops, 1 thread", [&] { work.run(decoding::formula); }});
    entrants.push_back({"plain loops, 1 thread, a table for decoding", [&] { work.run(decoding::table); }});
    support::race(entrants, chosen.runs);
    print_times(entrants, first);
    std::printf("  %-44s %9.3f ms\n", "predicted for the plan", predicted * 1e3);

    if (!compare(work, chosen.threads)) {
        std::fprintf(stderr, "earth: the ways of running disagree by more than rounding explains\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace earth

int main(int count, char** arguments) {
    try {
        const earth::options chosen = earth::parse(count, arguments);
        if (chosen.help) {
            std::fwrite(earth::usage.data(), 1, earth::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return earth::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "earth: %s\n%s", error.what(), earth::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "earth: not enough memory for this picture\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "earth: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
