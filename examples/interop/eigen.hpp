// Eigen's matrices and Sinter's arrays as each other, without a copy.
#pragma once

#include <sinter/sinter.hpp>

#include <Eigen/Core>

#include <memory>
#include <utility>

namespace interop {

namespace sn = sinter;

template <class T>
using row_major = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// An array of rank 2 as Eigen sees a matrix; of rank 1 as a column. Computes what is pending; valid as long as the array, which must not change meanwhile.
template <class T>
[[nodiscard]] Eigen::Map<const row_major<T>> as_matrix(const sn::array<T>& x) {
    return {x.data(), x.extent(0), x.rank() > 1 ? x.extent(1) : 1};
}

// The same for Eigen to write into.
template <class T>
[[nodiscard]] Eigen::Map<row_major<T>> as_writable_matrix(sn::array<T>& x) {
    T* const memory = x.mutable_data();
    return {memory, x.extent(0), x.rank() > 1 ? x.extent(1) : 1};
}

// A matrix that is given away as an array, which keeps it, in whichever order it is stored.
template <class T, int Rows, int Columns, int Options, int MaxRows, int MaxColumns>
[[nodiscard]] sn::array<T> as_array(Eigen::Matrix<T, Rows, Columns, Options, MaxRows, MaxColumns>&& matrix) {
    using M = Eigen::Matrix<T, Rows, Columns, Options, MaxRows, MaxColumns>;
    const auto kept = std::make_shared<M>(std::move(matrix));
    return sn::borrow(kept->data(), {kept->rows(), kept->cols()}, {kept->rowStride(), kept->colStride()}, kept);
}

}  // namespace interop
