#pragma once

#include "codegen/portable/program.hpp"

namespace sinter::inline v1::detail::codegen::portable {

/// One run of a program over a frame.
class runner {
public:
    /// scratch: p.scratch_bytes, aligned to 64 bytes.
    runner(const kernel& k, const program& p, const frame& f, std::byte* scratch) noexcept;

    /// Each row by itself, block by block.
    void run_rows() noexcept;

    /// Rows of no more than a block, several to a block; for programs made for that.
    void run_batches() noexcept;

private:
    void steps_of_row(index_t row) noexcept;
    void run_block(index_t row, index_t at, std::size_t n) noexcept;
    void run_batch(index_t row, std::size_t rows) noexcept;
    void compute(const step& s, std::size_t n) noexcept;
    void start(const step& s, std::size_t n) noexcept;
    void run_turns(std::size_t n) noexcept;
    [[nodiscard]] bool any_active(std::size_t n) const noexcept;
    void load(const step& s, index_t row, index_t at, std::size_t n) noexcept;
    void load_batch(const step& s, index_t row, std::size_t rows) noexcept;
    void gather(const step& s, index_t row, index_t at, std::size_t n) noexcept;
    void gather_batch(const step& s, index_t row, std::size_t rows) noexcept;
    [[nodiscard]] index_t offset_of(const step& s, std::size_t element) const noexcept;
    void store(std::size_t output, index_t row, index_t at, std::size_t n) noexcept;
    void store_batch(std::size_t output, index_t row, std::size_t rows) noexcept;

    void start_rows() noexcept;
    void fold(index_t at, std::size_t skipped, std::size_t n) noexcept;
    void finish_row(index_t row) noexcept;
    [[nodiscard]] bool is_decided() const noexcept;
    static void combine(const result& value, std::byte* into, const std::byte* right, std::size_t n) noexcept;
    void start_columns(std::size_t n) noexcept;
    void combine_columns(index_t row, std::size_t skipped, std::size_t n) noexcept;
    void finish_columns(index_t at, std::size_t n) noexcept;

    void accumulate(std::size_t output, index_t row, index_t at, const std::byte* values, std::size_t n) noexcept;

    // run_index.cpp: reductions that give an index.
    void start_searches() noexcept;
    void search_row(const index_search& s, index_t at, std::size_t skipped, std::size_t n) noexcept;
    void finish_searches(index_t row) noexcept;
    void search_short_rows(index_t row, std::size_t rows, std::size_t n) noexcept;
    void search_columns(const index_search& s, index_t row, std::size_t skipped, std::size_t n) noexcept;
    void finish_column_searches(index_t at, std::size_t n) noexcept;
    [[nodiscard]] std::int64_t index_of(const index_search& s, index_t at, std::size_t element) const noexcept;

    /// Whether n elements are a row so short that an extreme value is found element by element.
    [[nodiscard]] bool one_by_one(std::size_t n) const noexcept { return f_.n == static_cast<index_t>(n) && n <= 3 * group; }

    /// How much of `left` elements of a row the next block takes: whole groups, then what is left of one.
    [[nodiscard]] std::size_t next_block(index_t left) const noexcept;

    [[nodiscard]] std::byte* own(std::uint16_t place) const noexcept { return scratch_ + p_.offsets[place]; }
    [[nodiscard]] std::byte* accumulator(std::size_t r) const noexcept { return scratch_ + p_.reduction_offset + r * p_.slot_bytes; }
    [[nodiscard]] std::size_t output_at(std::size_t o) const noexcept { return k_.inputs.size() + o; }
    [[nodiscard]] std::size_t reduction_at(std::size_t r) const noexcept { return k_.inputs.size() + k_.outputs.size() + r; }

    const kernel& k_;
    const program& p_;
    const frame& f_;
    std::byte* scratch_;
    const std::byte** places_;  // where each place is at the moment
};

}  // namespace sinter::inline v1::detail::codegen::portable
