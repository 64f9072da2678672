// A report on a signal: its power spectrum by array statements (spectrum.cpp), the strongest peaks, and how its values are spread. Checked against plain loops and
// timed with them.
#include "../support/arguments.hpp"
#include "../support/files.hpp"
#include "../support/race.hpp"
#include "example_picture.hpp"
#include "options.hpp"
#include "plain_welch.hpp"
#include "plot.hpp"
#include "series.hpp"
#include "spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>

namespace sn = sinter;

namespace spectrum {
namespace {

// Of amplitudes, relative to the greatest one; plain loops in double.
constexpr double largest_difference = 1e-6;
constexpr double lowest_level = -200;  // decibels
constexpr sn::index_t most_peaks = 8, bins = 64;

double decibels(double amplitude) { return amplitude > 0 ? std::max(20 * std::log10(amplitude), lowest_level) : lowest_level; }

void print_report(const series& data, const summary& values, const std::vector<peak>& found, double step) {
    std::printf("\nvalues: mean %.4f, deviation %.4f\nquantiles:", values.mean, values.deviation);
    for (std::size_t i = 0; i < values.quantiles.size(); ++i) std::printf("  %g%% %.4f", shares[i] * 100, values.quantiles[i]);
    std::printf("\npeaks, 0 dB being a sine as large as can be:\n");
    for (const peak& p : found) std::printf("  %12.3f %s %9.2f dB\n", p.place * step, data.unit.c_str(), decibels(p.amplitude));
    if (found.empty()) std::printf("  none\n");
}

// Whether the squares are those of plain loops in double; says so.
bool check(const std::vector<double>& ours, const std::vector<double>& plain) {
    double most = 0, difference = 0;
    for (std::size_t k = 0; k < plain.size(); ++k) {
        const double d = std::abs(std::sqrt(ours[k]) - std::sqrt(plain[k]));
        most = std::max(most, std::sqrt(plain[k]));
        difference = std::isnan(d) ? HUGE_VAL : std::max(difference, d);
    }
    const bool close = difference <= largest_difference * most;
    std::printf("\namplitudes differ from those of plain loops in double by %.2g of the greatest (at most %.0e)%s\n", most > 0 ? difference / most : 0.0, largest_difference,
                close ? "" : ": TOO MUCH");
    return close;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

int run(const options& chosen) {
    if (chosen.threads > 0) sn::set_threads(chosen.threads);
    const std::filesystem::path file = chosen.file.empty() ? std::filesystem::path(support::example_picture) : chosen.file;
    const series data = read_series(file);
    const recipe how(chosen.length);
    const sn::index_t count = segments_of(data.samples.size(), how);
    if (count == 0) {
        support::fail(file, "it has " + std::to_string(data.samples.size()) + " samples, fewer than a segment of " + std::to_string(chosen.length) + "; --length makes it shorter");
    }
    const double step = data.rate / static_cast<double>(chosen.length);
    std::printf("%s: %td samples, %g in a %s; %td segments of %d\n", data.name.c_str(), data.samples.size(), data.rate, data.span.c_str(), count, chosen.length);
    if (chosen.plan) {
        std::fflush(stdout);
        std::cout << "\nthe first segments: " << sn::explain(squares(data.samples, 0, std::min(count, how.block), how)) << std::flush;
    }

    const totals power = welch(data.samples, how);
    const std::vector<double> found = power.to_vector();
    const std::vector<peak> strongest = peaks(power, most_peaks);
    const summary values = summarise(data.samples, bins);
    print_report(data, values, strongest, step);
    std::filesystem::create_directories(chosen.folder);
    const std::filesystem::path picture = chosen.folder / "spectrum.png";
    std::vector<double> levels(found.size());
    std::transform(found.begin(), found.end(), levels.begin(), [](double square) { return decibels(std::sqrt(square)); });
    draw(picture, {levels, step, strongest, values});
    std::printf("wrote %s\n", picture.c_str());

    const std::span<const float> samples(data.samples.data(), static_cast<std::size_t>(data.samples.size()));
    const auto length = static_cast<std::size_t>(chosen.length);
    const bool close = check(found, plain_welch<double>(samples, length));
    std::vector<double> alone;
    std::vector<support::entrant> entrants;
    entrants.push_back({"Sinter", [&] { welch(data.samples, how).eval(); }});
    entrants.push_back({"Sinter, 1 thread", [&] {
                            const sn::scoped_options one_thread{.threads = 1};
                            alone = welch(data.samples, how).to_vector();
                        }});
    entrants.push_back({"plain loops, 1 thread", [&] { static_cast<void>(plain_welch<float>(samples, length)); }});
    support::race(entrants, chosen.runs);
    std::printf("median of %d in turn:\n", chosen.runs);
    const double ours = support::median(entrants.front().seconds);
    for (const support::entrant& e : entrants) {
        const double seconds = support::median(e.seconds);
        std::printf("  %-24s %9.3f ms %8.2f\n", e.name.c_str(), seconds * 1e3, seconds / ours);
    }
    const bool same = same_bits(found, alone);
    std::printf("one thread and more: %s\n", same ? "the same, bit for bit" : "DIFFERENT");
    return close && same ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace spectrum

int main(int count, char** words) {
    try {
        const spectrum::options chosen = spectrum::parse(count, words);
        if (chosen.help) {
            std::fwrite(spectrum::usage.data(), 1, spectrum::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return spectrum::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "spectrum: %s\n%s", error.what(), spectrum::usage.data());
        return 2;
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "spectrum: not enough memory for this signal\n");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "spectrum: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
