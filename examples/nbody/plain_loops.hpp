// The same formulas as a program without array statements has them.
#pragma once

#include <cstddef>
#include <vector>

namespace nbody {

/// Components of something, body by body.
template <class T>
struct plain_triple {
    std::vector<T> x, y, z;
};

/// What every body is pulled by. T: float or double.
template <class T>
void plain_pull(const plain_triple<T>& at, const std::vector<T>& mass, T softening, plain_triple<T>& pull);

/// Leapfrogs; `pull` is that of `place` before and after.
template <class T>
void plain_steps(plain_triple<T>& place, plain_triple<T>& speed, plain_triple<T>& pull, const std::vector<T>& mass, T softening, T time, int steps);

}  // namespace nbody
