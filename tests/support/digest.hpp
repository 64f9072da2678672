#pragma once

#include <sinter/sinter.hpp>

#include <bit>
#include <concepts>
#include <cstdint>
#include <vector>

namespace support {

/// A hash (FNV-1a) of shapes and bits, to compare results across processes. All NaN count as one: which of them an operation
/// gives is not promised.
class digest {
public:
    template <class X>
    void add(const X& x) {
        for (const sinter::index_t e : x.shape()) mix(static_cast<std::uint64_t>(e));
        for (const auto v : x.to_vector()) add_value(v);
    }

    template <class T>
    void add_value(T v) {
        if constexpr (requires { v.imag(); }) {
            add_value(v.real());
            add_value(v.imag());
        } else if constexpr (std::floating_point<T>) {
            using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
            mix(v != v ? ~std::uint64_t{0} : std::bit_cast<bits>(v));
        } else if constexpr (sinter::detail::half<T>) {
            mix(v != v ? ~std::uint64_t{0} : v.bits());
        } else {
            mix(static_cast<std::uint64_t>(v));
        }
    }

    [[nodiscard]] std::uint64_t value() const noexcept { return state_; }

private:
    void mix(std::uint64_t v) noexcept {
        for (int i = 0; i < 8; ++i) {
            state_ = (state_ ^ (v & 0xff)) * 0x100000001b3U;
            v >>= 8;
        }
    }

    std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace support
