// The cases as an Eigen user writes them, on memory given. Plain pointers only: the file behind this header is compiled
// for the machine at hand.
#pragma once

#include <cstddef>

namespace perf::eigen {

void complex(float* y, const float* x, const float* w, const float* z, std::size_t n);
void axpy(float* y, const float* x, const float* z, float a, std::size_t n);
void ten(float* y, const float* x, const float* w, const float* z, float a, float b, float c, std::size_t n);
// The temporaries' memory is given too, so that Eigen does not pay for allocating it.
void chain(float* y, float* t1, float* t2, float* t3, const float* x, const float* z, float a, float b, std::size_t n);
void exp(float* y, const float* x, std::size_t n);
void log(float* y, const float* x, std::size_t n);
void tanh(float* y, const float* x, std::size_t n);
void pow(float* y, const float* x, const float* w, std::size_t n);
[[nodiscard]] float sum(const float* x, std::size_t n);
void dot(float* result, const float* x, const float* w, std::size_t n);
void cosine(float* results, const float* x, const float* w, std::size_t n);
void sum_columns(float* y, const float* m, std::size_t rows, std::size_t columns);
void sum_rows(float* y, const float* m, std::size_t rows, std::size_t columns);
void add_row_and_column(float* y, const float* m, const float* row, const float* column, std::size_t rows, std::size_t columns);
void heat(float* y, const float* u, std::size_t rows, std::size_t columns);
// On fixed arrays of 16, so many times.
void axpy16(float* y, const float* x, const float* z, float a, std::size_t repetitions);

}
