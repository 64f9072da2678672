// What is measured: the cases, their sizes, and what each must move and compute at the least.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "kernels.hpp"
#include "memory.hpp"

namespace perf {

inline constexpr float factor_a = 1.25f, factor_b = 0.75f, factor_c = 0.5f, epsilon = 1e-5f;
inline constexpr float most = 1.75f, above_all = 2.0f;  // of what is asked whether an element exceeds it
inline constexpr int mandelbrot_steps = 100;
inline constexpr std::int32_t whole_a = 3;              // of axpy of integers
inline constexpr std::uint64_t random_seed = 42;
inline constexpr std::size_t bins = 256, top_count = 100, roll_by = 1000;

// Numbers in each row of the case with this name, of those that take every row with every other row; of others 1.
[[nodiscard]] std::size_t depth_of(std::string_view name);

// Places in [0, n), as many, far from their neighbours: what take looks up.
[[nodiscard]] std::vector<std::int32_t> scattered(std::size_t n);
// The same in each of so many rows: what take_along_axis looks up.
[[nodiscard]] std::vector<std::int32_t> scattered_rows(std::size_t rows, std::size_t columns);

// The same values as T, each times a factor: what cases of other elements are given.
template <class T>
[[nodiscard]] std::vector<T> as(const float* values, std::size_t n, float factor) {
    std::vector<T> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<T>(values[i] * factor);
    return all;
}

// Which streams bound a case: `read` for reductions, `write` for what has hardly any inputs, `copy` for one array in and one out, `triad` for more.
enum class traffic { read, write, copy, triad };

struct extent {
    std::size_t rows = 1, columns = 1;
    [[nodiscard]] std::size_t size() const { return rows * columns; }
    [[nodiscard]] std::string label() const;
};

// One case at one size on so many threads, with its inputs: what every contender is built from.
struct problem {
    std::string name;
    extent size;
    int threads = 1;
    std::size_t bytes = 0;                       // that must move: inputs once, outputs once
    traffic kind = traffic::triad;
    hand::stores how = hand::stores::ordinary;   // what a careful programmer would use at this size
    bool fresh = false;                          // also into memory never touched before
    // Null where not read.
    const float *x = nullptr, *w = nullptr, *z = nullptr, *row = nullptr, *column = nullptr;
    const bool* mask = nullptr;
    [[nodiscard]] std::size_t n() const { return size.size(); }
    // Threads cost more than they bring below some size, for hand-written code too.
    [[nodiscard]] int useful_threads() const { return n() < 16384 ? 1 : threads; }
};

struct case_info {
    std::string name, about;
    std::vector<extent> sizes;
    traffic kind;
    std::string inputs;         // which of x, w, z are read, and the mask (m), of a byte each; row and column (r, c) are too small to count
    double written;             // elements that are stored, for each of x
    double flops;               // per element, an FMA counting two; 0 when the count would say nothing (exp, ...)
    double tolerance;           // largest relative difference from the hand-written loop
    float low, high;            // range of x
    bool outputs;               // large enough to ask about fresh memory
    std::size_t element = sizeof(float);
    bool result_for_later = false;  // the limit is that of stores past the caches: the last result is still there when the next one is made
    [[nodiscard]] bool reads(char input) const { return inputs.find(input) != std::string::npos; }
    [[nodiscard]] std::size_t bytes(const extent& e) const;
};

[[nodiscard]] const std::vector<case_info>& cases();

// Inputs for the largest size of all cases would not fit together: made for one case and size, shared by contenders.
class inputs {
public:
    inputs(const case_info& c, const extent& e);
    [[nodiscard]] problem make(const case_info& c, const extent& e, int threads) const;

private:
    memory x_, w_, z_, row_, column_, mask_;
};

}
