#include "eigen_kernels.hpp"

#include <Eigen/Core>

namespace perf::eigen {

namespace {

using array = Eigen::ArrayXf;
using grid = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using in = Eigen::Map<const array>;
using out = Eigen::Map<array>;
using grid_in = Eigen::Map<const grid>;
using grid_out = Eigen::Map<grid>;

Eigen::Index index(std::size_t n) { return static_cast<Eigen::Index>(n); }
in read(const float* p, std::size_t n) { return {p, index(n)}; }
out write(float* p, std::size_t n) { return {p, index(n)}; }

}

void axpy(float* y, const float* x, const float* z, float a, std::size_t n) { write(y, n) = a * read(x, n) + read(z, n); }

void complex(float* y, const float* x, const float* w, const float* z, std::size_t n) {
    using numbers = Eigen::ArrayXcf;
    const auto of = [n](const float* p) { return Eigen::Map<const numbers>(reinterpret_cast<const std::complex<float>*>(p), index(n / 2)); };
    Eigen::Map<numbers>(reinterpret_cast<std::complex<float>*>(y), index(n / 2)) = of(x) * of(w) + of(z);
}

void ten(float* py, const float* px, const float* pw, const float* pz, float a, float b, float c, std::size_t n) {
    const in x = read(px, n), w = read(pw, n), z = read(pz, n);
    write(py, n) = (x * w + z).max(a * x - w) / (z + b) - x.min(w) * c;
}

void chain(float* py, float* p1, float* p2, float* p3, const float* px, const float* pz, float a, float b, std::size_t n) {
    const in x = read(px, n), z = read(pz, n);
    out t1 = write(p1, n), t2 = write(p2, n), t3 = write(p3, n);
    t1 = a * x + z;
    t2 = t1 * x - z;
    t3 = t1.max(t2) * b;
    write(py, n) = t3 - t1 * t2;
}

void exp(float* y, const float* x, std::size_t n) { write(y, n) = read(x, n).exp(); }
void log(float* y, const float* x, std::size_t n) { write(y, n) = read(x, n).log(); }
void tanh(float* y, const float* x, std::size_t n) { write(y, n) = read(x, n).tanh(); }
void pow(float* y, const float* x, const float* w, std::size_t n) { write(y, n) = read(x, n).pow(read(w, n)); }

float sum(const float* x, std::size_t n) { return read(x, n).sum(); }
void dot(float* result, const float* x, const float* w, std::size_t n) { *result = (read(x, n) * read(w, n)).sum(); }

void cosine(float* results, const float* px, const float* pw, std::size_t n) {
    const in x = read(px, n), w = read(pw, n);
    results[0] = (x * w).sum();
    results[1] = x.square().sum();
    results[2] = w.square().sum();
}

void sum_columns(float* y, const float* m, std::size_t rows, std::size_t columns) {
    write(y, columns).transpose() = grid_in(m, index(rows), index(columns)).colwise().sum();
}

void sum_rows(float* y, const float* m, std::size_t rows, std::size_t columns) {
    write(y, rows) = grid_in(m, index(rows), index(columns)).rowwise().sum();
}

void add_row_and_column(float* y, const float* m, const float* row, const float* column, std::size_t rows, std::size_t columns) {
    grid_out(y, index(rows), index(columns)) =
        (grid_in(m, index(rows), index(columns)).rowwise() + read(row, columns).transpose()).colwise() + read(column, rows);
}

void heat(float* y, const float* u, std::size_t rows, std::size_t columns) {
    const grid_in from(u, index(rows), index(columns));
    const Eigen::Index r = index(rows) - 2, c = index(columns) - 2;
    grid_out(y, index(rows), index(columns)).block(1, 1, r, c) =
        0.25f * (from.block(0, 1, r, c) + from.block(2, 1, r, c) + from.block(1, 0, r, c) + from.block(1, 2, r, c));
}

void axpy16(float* py, const float* px, const float* pz, float a, std::size_t repetitions) {
    using fixed = Eigen::Array<float, 16, 1>;
    const fixed x = Eigen::Map<const fixed>(px), z = Eigen::Map<const fixed>(pz);
    fixed y;
    for (; repetitions > 0; --repetitions) {
        asm volatile("" : : "r"(&x), "r"(&z) : "memory");
        y = a * x + z;
        asm volatile("" : : "r"(&y) : "memory");
    }
    Eigen::Map<fixed>(py, 16) = y;
}

}
