#pragma once

#include "codegen/jit/select.hpp"

namespace sinter::inline v1::detail::codegen::jit {

/// The accumulators of a kernel's reductions, and the steps that extreme values and their indices take. Other reductions combine by an operation's own steps.
class fold_steps {
public:
    /// Accumulators of masks that stay in registers, one for each of a row's.
    static constexpr int masks_kept = 4;

    /// keeps_masks: whether masks may stay in registers.
    fold_steps(const kernel& k, program& p, selector& s, bool keeps_masks);

    /// The accumulator of fold f.
    [[nodiscard]] id begin(std::size_t f, dtype t, std::uint64_t identity);
    /// Reduction r of the value v if it is an extreme value by one instruction, else nothing.
    [[nodiscard]] bool add_extreme(std::size_t r, id v);
    /// The index r, before the extreme value that it belongs to.
    void add_index(std::size_t r, id v);
    /// All reductions of this value have been added.
    void finish_value(id v);
    /// All reductions have.
    void finish();

private:
    [[nodiscard]] bool begun(std::size_t f) const { return p_.folds[f].accumulator != 0; }  // the first step is a value, and no accumulator
    [[nodiscard]] bool keeps(std::size_t f, dtype t) const;
    [[nodiscard]] std::size_t numbers_among(id v, dtype t);
    void keep_extreme(std::size_t f, std::uint16_t code, id v, std::size_t numbers);
    step& compare_among(id compared, std::size_t numbers);
    [[nodiscard]] id exceeding(std::size_t extreme, bool least, id v, std::size_t numbers);
    void replace(std::size_t f, dtype t, id exceeds, id with);

    const kernel& k_;
    program& p_;
    selector& selector_;
    bool keeps_masks_;
    std::size_t numbers_ = 0;     // the fold of lanes that have had no NaN
    id numbers_of_ = 0;           // among this value's elements,
    bool numbers_known_ = false;  // which it has looked at
    id position_ = 0;             // of all indices; the first step is none
};

/// Whether masks can stay in registers: that leaves one for the steps and one for a tail.
[[nodiscard]] bool has_room_for_masks(const program& p);

}  // namespace sinter::inline v1::detail::codegen::jit
