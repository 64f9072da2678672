// Loops written by hand for AVX-512, one thread each. Plain pointers only: the files behind this header are compiled
// for AVX-512, and nothing inline may leak from them into the rest of the program.
#pragma once

#include <cstddef>

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

// Within 2 ulp, x finite; log and pow want x positive and normal.
void exp(float* y, const float* x, std::size_t n, stores how);
void log(float* y, const float* x, std::size_t n, stores how);
void tanh(float* y, const float* x, std::size_t n, stores how);
void pow(float* y, const float* x, const float* w, std::size_t n, stores how);

[[nodiscard]] float sum(const float* x, std::size_t n);
[[nodiscard]] float dot(const float* x, const float* w, std::size_t n);
struct three { float xw, xx, ww; };
[[nodiscard]] three cosine(const float* x, const float* w, std::size_t n);
// By blocks that stay in the first cache, and what joins two parts.
struct spread { float count, mean, squares; };
[[nodiscard]] spread moments(const float* x, std::size_t n);
[[nodiscard]] spread join(const spread& a, const spread& b);
struct exponentials { float most, sum; };
[[nodiscard]] exponentials logsumexp(const float* x, std::size_t n);
[[nodiscard]] exponentials join(const exponentials& a, const exponentials& b);

// Row-major matrices of rows x columns, columns a multiple of 64 and at most 4096.
void sum_columns(float* out, const float* m, std::size_t rows, std::size_t columns);
void sum_rows(float* out, const float* m, std::size_t rows, std::size_t columns);
void add_row_and_column(float* y, const float* m, const float* row, const float* column, std::size_t rows, std::size_t columns, stores how);

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
void copy(float* y, const float* x, std::size_t n, hand::stores how);
void triad(float* y, const float* x, const float* z, float a, std::size_t n, hand::stores how);

// Returns the floating-point operations done (an FMA counts two).
[[nodiscard]] double multiply_add(std::size_t rounds);

}
