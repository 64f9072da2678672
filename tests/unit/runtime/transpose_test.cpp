#include "runtime/transpose.hpp"
#include "support/guarded.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>

// Transposition of rectangles of every shape, right beside pages that must not be touched.

namespace {

using sinter::index_t;
using sinter::detail::runtime::far_side;
using sinter::detail::runtime::transpose;
using memory = support::guarded<std::byte>;

void check(std::size_t size, index_t rows, index_t columns, index_t gap, memory::edge edge, far_side far) {
    const auto s = static_cast<index_t>(size);
    const index_t to_stride = (columns + gap) * s, from_stride = (rows + gap) * s;
    const auto bytes_of = [&](index_t stride, index_t n, index_t length) { return static_cast<std::size_t>((n - 1) * stride + length * s); };
    memory from(bytes_of(from_stride, columns, rows), edge), to(bytes_of(to_stride, rows, columns), edge);
    for (std::size_t i = 0; i < from.size(); ++i) from.data()[i] = static_cast<std::byte>(i * 31 % 251);
    std::fill(to.begin(), to.end(), std::byte{0xee});
    transpose(to.data(), to_stride, from.data(), from_stride, rows, columns, size, far);
    std::size_t wrong = 0;
    for (index_t r = 0; r < rows; ++r) {
        for (index_t c = 0; c < columns + gap; ++c) {
            const std::byte* const got = to.data() + r * to_stride + c * s;
            if (c < columns) {
                wrong += std::memcmp(got, from.data() + c * from_stride + r * s, size) != 0 ? 1 : 0;
            } else if (r + 1 < rows) {
                wrong += got[0] != std::byte{0xee} ? 1 : 0;
            }
        }
    }
    BOOST_REQUIRE_MESSAGE(wrong == 0, wrong << " of " << rows << " x " << columns << " elements of " << size << " bytes");
}

BOOST_AUTO_TEST_SUITE(transposition)

BOOST_AUTO_TEST_CASE(every_shape_and_size) {
    for (const std::size_t size : {1U, 2U, 4U, 8U}) {
        for (const index_t rows : {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67}) {
            for (const index_t columns : {1, 2, 4, 5, 8, 11, 16, 23, 32, 33, 65}) {
                for (const auto edge : {memory::edge::start, memory::edge::end}) {
                    check(size, rows, columns, 0, edge, far_side::source);
                    check(size, rows, columns, 5, edge, far_side::target);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
