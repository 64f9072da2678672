#pragma once

#include "support/check.hpp"

#include <complex>

namespace support {

/// The same bits in both parts, or both NaN.
template <class T>
[[nodiscard]] bool same(std::complex<T> a, std::complex<T> b) {
    return same(a.real(), b.real()) && same(a.imag(), b.imag());
}

/// Fails the current test case with the first element that differs. Checks the shape first.
template <class X>
void check_complex(const X& x, const std::vector<sn::index_t>& shape, const std::vector<typename X::value_type>& expected) {
    BOOST_CHECK_MESSAGE(shape_of(x) == shape, "shape " << text(shape_of(x)) << " instead of " << text(shape));
    const auto got = x.to_vector();
    BOOST_REQUIRE_EQUAL(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        if (!same(got[i], expected[i])) {
            BOOST_ERROR("element " << i << " is " << got[i] << " instead of " << expected[i]);
            return;
        }
    }
}

}  // namespace support
