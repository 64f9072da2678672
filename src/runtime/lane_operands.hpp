#pragma once

#include "plan/plan.hpp"

#include <array>

namespace sinter::inline v1::detail::runtime {

/// The operands of a kernel that is not the launch's own (runtime/lanes.hpp), one after another.
class lane_operands {
public:
    codegen::frame of(const std::uint64_t* params, index_t rows, index_t n) noexcept { return {.pointers = pointers_.data(), .row_strides = row_strides_.data(), .inner_strides = inner_strides_.data(), .params = params, .rows = rows, .n = n}; }
    void clear() noexcept { count_ = 0; }
    void add(std::byte* at, index_t row_stride, index_t inner_stride) noexcept {
        pointers_[count_] = at;
        row_strides_[count_] = row_stride;
        inner_strides_[count_++] = inner_stride;
    }

private:
    static constexpr std::size_t most = plan::most_operands_together;
    std::array<std::byte*, most> pointers_;
    std::array<index_t, most> row_strides_, inner_strides_;
    std::size_t count_ = 0;
};

}  // namespace sinter::inline v1::detail::runtime
