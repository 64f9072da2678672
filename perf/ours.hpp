// What the files that use Sinter share.
#pragma once

#include <sinter/sinter.hpp>

#include <cstddef>
#include <span>
#include <vector>

#include "contenders.hpp"

namespace perf {

namespace sn = sinter;

// By kind; each adds nothing for a problem it does not know.
void add_ours_elementwise(const problem& p, std::vector<contender>& out);
void add_ours_reductions(const problem& p, std::vector<contender>& out);
void add_ours_halves(const problem& p, std::vector<contender>& out);
void add_ours_grids(const problem& p, std::vector<contender>& out);
void add_ours_rows(const problem& p, std::vector<contender>& out);
void add_ours_fixed(const problem& p, std::vector<contender>& out);

void use_threads(int threads);

[[nodiscard]] inline sn::array<float> vector_of(const float* values, std::size_t n) { return sn::from(std::span<const float>(values, n)); }

[[nodiscard]] inline sn::array<float> matrix_of(const float* values, std::size_t rows, std::size_t columns) {
    return sn::from(std::span<const float>(values, rows * columns), {static_cast<sn::index_t>(rows), static_cast<sn::index_t>(columns)});
}

}
