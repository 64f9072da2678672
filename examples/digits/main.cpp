// Learns to read handwritten digits: softmax cross-entropy on all examples at once, gradients written by hand (model.cpp), each step
// one plan. Checks every number against plain loops and says how many of the held-out digits it reads.
#include "../support/arguments.hpp"
#include "../support/race.hpp"
#include "dataset.hpp"
#include "model.hpp"
#include "options.hpp"
#include "picture.hpp"
#include "plain_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>

namespace sn = sinter;

namespace digits {
namespace {

// The share of held-out digits that must be read.
constexpr double least_accuracy = 0.95;
// The first steps are followed gradient by gradient. Differences are of float against double, relative to the largest derivative and to the loss;
// float has 6e-8, and a sum over 1400 examples some times that.
constexpr int followed_steps = 5;
constexpr double largest_gradient_difference = 1e-5;
constexpr double largest_loss_difference = 1e-5;

// Not a number counts as infinitely far from everything.
double worse(double so_far, double difference) {
    return std::isnan(difference) ? HUGE_VAL : std::max(so_far, std::abs(difference));
}

double relative_difference(const std::vector<float>& found, const std::vector<double>& exact) {
    double largest = 0, difference = 0;
    for (std::size_t i = 0; i < exact.size(); ++i) {
        largest = std::max(largest, std::abs(exact[i]));
        difference = worse(difference, static_cast<double>(found[i]) - exact[i]);
    }
    return difference / largest;
}

// Steps are recorded and evaluated one after the other; the losses are read when all are done.
model train(const examples& training, int steps, std::vector<float>& losses) {
    model learner;
    std::vector<matrix> seen;
    for (int i = 0; i < steps; ++i) {
        seen.push_back(learner.step(training).loss);
        learner.eval(seen.back());
    }
    losses.clear();
    for (const matrix& loss : seen) {
        losses.push_back(loss.item());
    }
    return learner;
}

// Whether losses and gradients are those of plain loops in double; says so.
bool follow(const examples& training, const dataset& digits, const std::vector<float>& losses) {
    model learner;
    plain_model<double> plain(digits);
    double loss_difference = 0, gradient_difference = 0;
    const int steps = static_cast<int>(losses.size());
    for (int i = 0; i < steps; ++i) {
        const double exact = plain.step();
        loss_difference = worse(loss_difference, (static_cast<double>(losses[static_cast<std::size_t>(i)]) - exact) / exact);
        if (i < followed_steps) {
            const gradient g = learner.step(training);
            learner.eval(g.loss, g.weights, g.biases);
            gradient_difference = worse(gradient_difference, relative_difference(g.weights.to_vector(), plain.weight_gradient()));
            gradient_difference = worse(gradient_difference, relative_difference(g.biases.to_vector(), plain.bias_gradient()));
        }
    }
    std::printf("\nagainst plain loops in double, relative:\n");
    std::printf("  losses of %d steps                %.2g (at most %.0e)\n", steps, loss_difference, largest_loss_difference);
    std::printf("  gradients of the first %d steps     %.2g (at most %.0e)\n", std::min(steps, followed_steps), gradient_difference,
                largest_gradient_difference);
    return loss_difference <= largest_loss_difference && gradient_difference <= largest_gradient_difference;
}

bool same_bits(const matrix& a, const matrix& b) {
    const std::vector<float> u = a.to_vector(), v = b.to_vector();
    return u.size() == v.size() && std::memcmp(u.data(), v.data(), u.size() * sizeof(float)) == 0;
}

// Whether one thread learns the same; says so.
bool alone(const model& learned, const examples& training, int steps) {
    const sn::scoped_options one_thread{.threads = 1};
    std::vector<float> losses;
    const model again = train(training, steps, losses);
    const bool same = same_bits(learned.weights(), again.weights()) && same_bits(learned.biases(), again.biases());
    std::printf("one thread and more:                %s\n", same ? "the same weights, bit for bit" : "DIFFERENT");
    return same;
}

std::vector<misreading> misread_of(const model& learned, const examples& held_out, const dataset& digits) {
    const std::vector<float> scores = learned.scores(held_out.images).to_vector();
    std::vector<misreading> result;
    for (std::size_t n = 0; n < digits.size(); ++n) {
        const float* const first = scores.data() + n * classes;
        const auto taken_for = static_cast<int>(std::max_element(first, first + classes) - first);
        if (taken_for != digits.labels[n]) {
            result.push_back({n, taken_for});
        }
    }
    return result;
}

void print_losses(const std::vector<float>& losses) {
    std::printf("\nlosses:");
    for (std::size_t i = 0; i < losses.size(); i = i == 0 ? 1 : 3 * i) {
        std::printf(" %.5f (%zu)", static_cast<double>(losses[i]), i);
    }
    std::printf(" %.5f (%zu)\n", static_cast<double>(losses.back()), losses.size() - 1);
}

void print_times(const options& chosen, const examples& training, const dataset& digits, double predicted) {
    std::vector<float> losses;
    std::vector<support::entrant> entrants;
    const std::string threads = chosen.threads == 0 ? "all threads" : std::to_string(chosen.threads) + (chosen.threads == 1 ? " thread" : " threads");
    entrants.push_back({"Sinter, " + threads, [&] { train(training, chosen.steps, losses); }});
    if (chosen.threads != 1) {
        entrants.push_back({"Sinter, 1 thread", [&] {
                                const sn::scoped_options one_thread{.threads = 1};
                                train(training, chosen.steps, losses);
                            }});
    }
    entrants.push_back({"plain loops in float, 1 thread", [&] {
                            plain_model<float> plain(digits);
                            for (int i = 0; i < chosen.steps; ++i) {
                                plain.step();
                            }
                        }});
    race(entrants, chosen.runs);
    const double ours = support::median(entrants.front().seconds);
    std::printf("\na step, of trainings of %d steps, median of %d in turn:\n", chosen.steps, chosen.runs);
    for (const support::entrant& each : entrants) {
        const double seconds = support::median(each.seconds);
        std::printf("  %-33s %9.1f us %8.2f\n", each.name.c_str(), seconds / chosen.steps * 1e6, seconds / ours);
    }
    std::printf("  %-33s %9.1f us\n", "predicted for the plan", predicted * 1e6);
}

int run(const options& chosen) {
    if (chosen.threads > 0) {
        sn::set_threads(chosen.threads);
    }
    const split digits = read_digits(chosen.data);
    const examples training(digits.training), held_out(digits.held_out);
    std::printf("%s: %zu digits to learn from, %zu held out\n", chosen.data.c_str(), digits.training.size(), digits.held_out.size());

    model first;
    const gradient looked = first.step(training);
    const sn::plan_report plan = first.plan(looked.loss);
    if (chosen.plan) {
        std::fflush(stdout);
        std::cout << "\none step: " << plan << std::flush;
    }

    std::vector<float> losses;
    const model learned = train(training, chosen.steps, losses);
    print_losses(losses);
    print_times(chosen, training, digits.training, plan.predicted_seconds);
    bool good = follow(training, digits.training, losses);
    if (chosen.threads != 1) {
        good = alone(learned, training, chosen.steps) && good;
    }

    const double accuracy = static_cast<double>(learned.accuracy(held_out));
    const std::vector<misreading> misread = misread_of(learned, held_out, digits.held_out);
    std::printf("\naccuracy on the digits learned from: %.4f\n", static_cast<double>(learned.accuracy(training)));
    std::printf("held-out accuracy: %.4f (at least %.2f), %zu of %zu misread\n", accuracy, least_accuracy, misread.size(), digits.held_out.size());
    std::filesystem::create_directories(chosen.folder);
    const auto file = chosen.folder / "digits-weights.png";
    draw(file, learned.weights().to_vector(), digits.held_out, misread);
    std::printf("wrote %s\n", file.c_str());

    if (!good) {
        std::fprintf(stderr, "digits: array statements and plain loops disagree by more than rounding explains\n");
        return EXIT_FAILURE;
    }
    if (!(accuracy >= least_accuracy)) {
        std::fprintf(stderr, "digits: the held-out accuracy, %.4f, is below %.2f\n", accuracy, least_accuracy);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace digits

int main(int count, char** words) {
    try {
        const digits::options chosen = digits::parse(count, words);
        if (chosen.help) {
            std::fwrite(digits::usage.data(), 1, digits::usage.size(), stdout);
            return EXIT_SUCCESS;
        }
        return digits::run(chosen);
    } catch (const support::usage_error& error) {
        std::fprintf(stderr, "digits: %s\n%s", error.what(), digits::usage.data());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "digits: %s\n", error.what());
    }
    return EXIT_FAILURE;
}
