#pragma once

#include "codegen/kernel.hpp"

#include <array>

namespace sinter::inline v1::detail {
template <class T>
struct table_of;
}

namespace sinter::inline v1::detail::codegen {

/// Collects primitives: equal ones become one value, those of constants become a constant.
class recorder {
public:
    explicit recorder(std::size_t expected, bool assistance = false);
    ~recorder();
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;

    /// The recorder that lanes of the kernel's code record into, on this thread: the one made last.
    [[nodiscard]] static recorder& current() noexcept { return *current_; }

    [[nodiscard]] std::uint16_t constant(dtype type, std::uint64_t bits);
    [[nodiscard]] std::uint16_t record(std::uint16_t code, dtype type, std::uint16_t a, std::uint16_t b = 0, std::uint16_t c = 0);
    [[nodiscard]] std::uint16_t add(const instruction& i);
    /// What each float or double finds in a table that outlives the code.
    template <class T>
    [[nodiscard]] std::uint16_t lookup(std::uint16_t x, const table_of<T>& table);

    /// select(mask, body(otherwise, x), otherwise), the body in a region of its own. Within such a region, and where the mask is known, it becomes
    /// ordinary code.
    using rare_body = std::uint16_t (*)(std::uint16_t otherwise, std::uint16_t x);
    [[nodiscard]] std::uint16_t rare(rare_body body, std::uint16_t mask, std::uint16_t otherwise, std::uint16_t x);
    /// The same with a region that is known.
    [[nodiscard]] std::uint16_t rare(rare_region region, std::uint16_t mask, std::uint16_t otherwise, std::uint16_t x);
    /// From now on every region becomes ordinary code.
    void without_regions() noexcept { ordinary_ = true; }
    /// From now on every operation is recorded like a primitive.
    void without_bodies() noexcept { whole_ = true; }
    [[nodiscard]] std::vector<rare_region>& regions() noexcept { return regions_; }

    /// Whether assisted operations are recorded like primitives.
    [[nodiscard]] bool assistance() const noexcept { return assistance_; }

    /// Records what an operation, primitive or not, does to operands of the given type.
    [[nodiscard]] std::uint16_t apply(const instruction& i, std::uint16_t a, std::uint16_t b, std::uint16_t c);

    [[nodiscard]] const std::vector<instruction>& code() const noexcept { return code_; }
    [[nodiscard]] std::vector<instruction>& code() noexcept { return code_; }

private:
    void grow();

    static thread_local recorder* current_;
    recorder* outer_;
    bool assistance_;
    bool ordinary_ = false;
    bool whole_ = false;
    std::vector<instruction> code_;
    std::vector<rare_region> regions_;
    std::vector<std::uint16_t> table_;  // open addressing; 0 is empty, else the value's number + 1
};

/// The primitives of a reduction's step: values 0 and 1 stand for the accumulator and the element (loads 0 and 1);
/// the last value is the result. Whole: operations, which the portable backend has code for, instead of primitives.
[[nodiscard]] std::vector<instruction> expand_combine(std::uint16_t code, dtype type, bool whole = false);

}  // namespace sinter::inline v1::detail::codegen
