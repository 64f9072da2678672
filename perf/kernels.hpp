// Loops written by hand for AVX-512, one thread each. Plain pointers only: the files behind this header are compiled
// for AVX-512, and nothing inline may leak from them into the rest of the program.
#pragma once

#include <cstddef>
#include <cstdint>

namespace perf::hand {

// Ordinary stores below the size of the last-level cache, streaming ones (fenced before return) above it.
enum class stores { ordinary, streaming };

// Elementwise on n floats; y is aligned to 64 bytes when stores are streaming. A product that is added or subtracted
// within one statement is one FMA, as in the library.
void axpy(float* y, const float* x, const float* z, float a, std::size_t n, stores how);
void ten(float* y, const float* x, const float* w, const float* z, float a, float b, float c, std::size_t n, stores how);
void chain(float* y, const float* x, const float* z, float a, float b, std::size_t n, stores how);
// x w + z of complex numbers: n parts.
void complex(float* y, const float* x, const float* w, const float* z, std::size_t n, stores how);
// Of other elements than float.
void axpy(double* y, const double* x, const double* z, double a, std::size_t n, stores how);
void axpy(std::int32_t* y, const std::int32_t* x, const std::int32_t* z, std::int32_t a, std::size_t n, stores how);
void axpy(std::int8_t* y, const std::int8_t* x, const std::int8_t* z, std::int8_t a, std::size_t n, stores how);
// Whether no divisor was 0.
bool divide(std::int32_t* y, const std::int32_t* x, const std::int32_t* w, std::size_t n, stores how);
void convert(float* y, const std::uint8_t* x, std::size_t n, stores how);
[[nodiscard]] std::int64_t sum(const std::int32_t* x, std::size_t n);
[[nodiscard]] std::int64_t count(const bool* mask, std::size_t n);
// x where x is greater than bound, w elsewhere.
void where_above(float* y, const float* x, const float* w, float bound, std::size_t n, stores how);

// Within 2 ulp, x finite; log and pow want x positive and normal.
void exp(float* y, const float* x, std::size_t n, stores how);
void log(float* y, const float* x, std::size_t n, stores how);
void tanh(float* y, const float* x, std::size_t n, stores how);
void pow(float* y, const float* x, const float* w, std::size_t n, stores how);

// Philox4x32-10 of the key's halves and the counters first, first + 1, ...: the first word's upper 24 bits as numbers in [0, 1), and the first two
// words by Box and Muller's method.
void uniform(float* y, std::uint64_t key, std::size_t first, std::size_t n, stores how);
void normal(float* y, std::uint64_t key, std::size_t first, std::size_t n, stores how);

// For any y.
void copy(float* y, const float* x, std::size_t n, stores how);
// Elements [first, last) of y: those of x, of n, from the end, and every second one of x, each times a.
void reversed(float* y, const float* x, float a, std::size_t first, std::size_t last, std::size_t n, stores how);
void every_second(float* y, const float* x, float a, std::size_t first, std::size_t last, stores how);
// Elements of x and of z by turns.
void interleave(float* y, const float* x, const float* z, std::size_t n, stores how);
// Each row of x at the places of the same row of `at`; columns a multiple of 64.
void take_along_rows(float* y, const float* x, const std::int32_t* at, std::size_t rows, std::size_t columns, stores how);
// x[i] = value where the mask is true.
void write_masked(float* x, const bool* mask, float value, std::size_t n, stores how);
// The elements where the mask is true, or their places; returns how many. Up to fifteen elements behind the last one are written, too.
[[nodiscard]] std::size_t masked(float* y, const float* x, const bool* mask, std::size_t n);
[[nodiscard]] std::size_t places(std::int64_t* y, const bool* mask, std::size_t n);

// How many of x are in each of so many bins, at most 1024, from low to high, both counting; and how often each whole number below `most` is there.
void histogram(std::int64_t* counts, const float* x, float low, float high, std::size_t bins, std::size_t n);
void bincount(std::int64_t* counts, const std::int32_t* x, std::size_t most, std::size_t n);
[[nodiscard]] std::int32_t greatest(const std::int32_t* x, std::size_t n);

[[nodiscard]] float sum(const float* x, std::size_t n);
// The greatest magnitude.
[[nodiscard]] float magnitude(const float* x, std::size_t n);
[[nodiscard]] float dot(const float* x, const float* w, std::size_t n);
struct three { float xw, xx, ww; };
[[nodiscard]] three cosine(const float* x, const float* w, std::size_t n);
// By blocks that stay in the first cache, and what joins two parts: in double, as floats would lose what many blocks come to.
struct spread { double count, mean, squares; };
[[nodiscard]] spread moments(const float* x, std::size_t n);
[[nodiscard]] spread join(const spread& a, const spread& b);
struct exponentials { float most, sum; };
[[nodiscard]] exponentials logsumexp(const float* x, std::size_t n);
[[nodiscard]] exponentials join(const exponentials& a, const exponentials& b);

// Row-major matrices of rows x columns, columns a multiple of 64 and at most 4096.
void sum_columns(float* out, const float* m, std::size_t rows, std::size_t columns);
void sum_rows(float* out, const float* m, std::size_t rows, std::size_t columns);
void add_row_and_column(float* y, const float* m, const float* row, const float* column, std::size_t rows, std::size_t columns, stores how);

// Columns [first, last), multiples of 64: each row of y is the sum of m's up to and with it.
void accumulate_rows(float* y, const float* m, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how);
// Rows [first, last) of m with zeros around it: y has two rows and two columns more than m.
void pad(float* y, const float* m, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns);

// Sums of the squared differences, or the products, of each row of a and each of b, rows of so many numbers, of b a multiple of 64 rows.
void squared_distances(float* y, const float* a, const float* b, std::size_t rows, std::size_t others, std::size_t depth);
void products_of_rows(float* y, const float* a, const float* b, std::size_t rows, std::size_t others, std::size_t depth);

// Each row of a matrix, columns a multiple of 64 and at most 4096.
void softmax(float* y, const float* x, std::size_t rows, std::size_t columns, stores how);
void rms_norm(float* y, const float* x, float epsilon, std::size_t rows, std::size_t columns, stores how);
void layer_norm(float* y, const float* x, float epsilon, std::size_t rows, std::size_t columns, stores how);

// One step of heat on rows [first, last) of a rows x columns grid; the border keeps its values.
void heat(float* y, const float* u, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how);

// Rows [first, last) of y, of rows x columns, from x (or w) of columns x rows: x^T * a, and x + w^T with x as y. All multiples of 64.
void transposed(float* y, const float* x, float a, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how);
void plus_transposed(float* y, const float* x, const float* w, std::size_t first, std::size_t last, std::size_t rows, std::size_t columns, stores how);

// How often each point of a row and a column is taken on, as whole numbers; columns a multiple of 64.
void mandelbrot(float* steps, const float* row, const float* column, int most, std::size_t rows, std::size_t columns);

}

namespace perf::limit {

// The least that must happen to move the bytes: no arithmetic that could get in the way.
void read(const float* p, std::size_t n);
void write(float* y, std::size_t n, hand::stores how);
void copy(float* y, const float* x, std::size_t n, hand::stores how);
void triad(float* y, const float* x, const float* z, float a, std::size_t n, hand::stores how);

// Returns the floating-point operations done (an FMA counts two).
[[nodiscard]] double multiply_add(std::size_t rounds);

}
