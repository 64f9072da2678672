#pragma once

#include "base/function_ref.hpp"
#include "codegen/jit/program.hpp"
#include "codegen/jit/schedule.hpp"
#include "codegen/jit/select.hpp"

#include <asmjit/x86.h>

#include <vector>

namespace sinter::inline v1::detail::codegen::jit {

namespace x86 = asmjit::x86;

/// Where code begins for callers that have the default environment already.
inline constexpr const char* in_default_label = "in_default";

/// A move of elements of so many bytes that takes a mask.
[[nodiscard]] inline inst masked_move(int element) noexcept {
    using namespace asmjit::x86;
    return by_size(static_cast<std::size_t>(element), Inst::kIdVmovdqu8, Inst::kIdVmovdqu16, Inst::kIdVmovdqu32, Inst::kIdVmovdqu64);
}

/// A register in a set of them.
[[nodiscard]] constexpr std::uint64_t bit(int r) noexcept { return std::uint64_t{1} << r; }

/// So many bytes of a register.
[[nodiscard]] inline x86::Gp sized(const x86::Gp& r, int bytes) noexcept {
    return bytes == 1 ? x86::Gp(r.r8()) : bytes == 2 ? x86::Gp(r.r16()) : bytes == 4 ? x86::Gp(r.r32()) : x86::Gp(r.r64());
}

/// Writes the machine code of a program: loops, registers, memory.
///
/// Registers of the code: rdi is the frame, r11 the index of the inner loop, rax, rcx and rdx are scratch, the others hold
/// pointers. k1 is the mask of a tail. The index counts up to zero from the end of a row (in a column_reduce: from zero).
class emitter {
public:
    /// spills: bytes of the stack for values that find no register. If spilled() says that this was not enough, the code is
    /// no good and has to be written again with as many.
    emitter(const kernel& k, const program& p, asmjit::CodeHolder& code, int spills);

    void write();
    [[nodiscard]] int spilled() const noexcept { return most_spilled_; }
    [[nodiscard]] std::size_t instructions() const noexcept { return count_; }

private:
    using value = std::uint16_t;          // copy * steps + step
    static constexpr int mask_base = 32;  // mask registers follow the vector registers
    static constexpr int no_slot = -1;
    static constexpr int most_fetched = 4;        // vectors for operands that are fetched for one instruction, and in tails for the mask and the old value
    static constexpr int region_registers = 16;  // vectors that a region may use
    static constexpr std::uint16_t never_used = schedule::none;

    struct state {
        std::int8_t reg = -1;
        std::uint8_t copy = 0;
        std::uint16_t step = 0;
        std::uint16_t next = never_used;
        int slot = no_slot;
        std::int8_t wish = -1;  // the register in which the next turn of a rotation looks for it
    };

    // Planning, in plan.cpp.
    void plan_schedules();
    [[nodiscard]] bool stagger(const std::vector<std::uint16_t>& order);
    [[nodiscard]] int count_hoisted() const;
    void plan_registers();
    void plan_frame();
    [[nodiscard]] int reserve(int bytes, int alignment);
    [[nodiscard]] bool is_hoisted(const step& s) const noexcept;

    // Loops, in loops.cpp.
    void enter();
    void leave();
    void load_pointers();
    void prepare_call();
    void prepare_row();
    void advance_pointers();
    void rows_loop();
    void row_body();
    void map_row();
    void remainder_loop();
    void reduce_row();
    void columns();
    void column_tile(const schedule& s, bool tail);
    void loop_head(int alignment, asmjit::Label label);
    void vectors(int copies, int bias, bool tail);

    // Vectors that begin before those before them have ended, in rotation.cpp.
    struct held {
        value of = 0;
        std::int8_t reg = -1;
    };
    [[nodiscard]] bool rotate(const std::vector<std::uint16_t>& order, int room);
    [[nodiscard]] int count_tables(const std::vector<std::uint16_t>& order) const;
    void rotating_row();
    void part_of_row(const schedule& s, const std::vector<held>& from_before);
    [[nodiscard]] std::vector<held> settle();
    void bring(const std::vector<held>& to);

    // Squares of inputs that lie across memory, in squares.cpp.
    void plan_squares();
    void squares();
    void turn_square(std::size_t n);
    void move_pointer(std::size_t n, bool back);
    void ask_beside();

    // The loop of a kernel, in turns.cpp.
    struct turn_schedules {
        schedule before, body, after;
    };
    enum class stage : std::uint8_t { before, within, after };
    [[nodiscard]] turn_schedules turns_of(int copies) const;
    void plan_turns();
    void take_carries(bool states, int& vectors, int& masks, std::uint64_t& left);
    void turn(const turn_schedules& s, int bias, bool tail);
    void start_turns(int copies, bool tail);
    void go_on(int copies, asmjit::Label again);
    void place_carries(const schedule& s);
    void run_masked(const item& it, const step& s, const value* v);
    void leave_room(const step& s, int copy);
    void finish_carried(const item& it, const step& s, int reg);
    [[nodiscard]] int carried_register(const step& s, int copy) const { return carry_registers_[s.into - 1U][static_cast<std::size_t>(copy)]; }
    [[nodiscard]] bool is_carried(const step& s) const noexcept { return s.into != 0 && p_.loops(); }

    // Reductions, in reduce.cpp.
    void start_accumulators(int copies);
    void combine_tree(std::size_t r);
    void store_row_result(std::size_t r, int reg);
    void store_columns(int copies, bool tail);
    void run_tree_step(std::size_t r, int left, int right, int bytes);
    void look_at_masks(bool any, asmjit::Label again);
    void look_at_bytes(bool any, asmjit::Label again);
    void go_on_unless_decided(int turn, asmjit::Label again, asmjit::Label done);
    [[nodiscard]] int accumulator(std::size_t r, int copy);
    [[nodiscard]] int accumulator_register(std::size_t r, int copy) const;
    [[nodiscard]] x86::Mem accumulator_slot(std::size_t r, int copy) const;
    void finish_accumulator(const step& s, int copy, int reg);

    // Pairs of rows, in beside.cpp.
    void check_beside() const;
    [[nodiscard]] int vectors_beside() const;
    [[nodiscard]] int most_residents_beside() const;
    [[nodiscard]] int registers_of_part() const;
    void plan_beside();
    [[nodiscard]] bool has_pointer(std::size_t operand) const noexcept;
    void reduce_beside();
    [[nodiscard]] bool begins_with_values() const;
    [[nodiscard]] bool adds_products() const;
    void arrive(const item& it, const step& s, const value* v);
    [[nodiscard]] bool has_one_turn() const;
    void rows_of_one_turn();
    void reduce_one_turn();
    void combine_all_copies();
    void combine_all_pairs(int passes);
    [[nodiscard]] int take_free_vector();
    void combine_copies(int pair, int left, int right);
    [[nodiscard]] int combine_passes(int pair, int first, int apart, int passes);
    void combine_pairs(int first, int count, int passes);

    // Sums of bytes, in byte_sums.cpp.
    void sum_bytes(int turn);

    // Indices of extreme values, in extremes.cpp.
    void start_index(std::size_t r, int copies);
    [[nodiscard]] int vectors_of_index() const;
    void run_kept(const item& it, const step& s, const value* v);
    void load_position(const step& s, int copy, int reg);
    void store_row_index(std::size_t r);
    void store_column_indices(std::size_t r, int copies, bool tail);

    // Steps, in emitter.cpp.
    void block(const schedule& s, int bias, bool tail, int first_copy = 0);
    void ask_ahead(int first, int copies);
    void run(const item& it, const std::array<std::uint16_t, 3>& after);
    bool add_product(const item& it, const step& s, const value* v);
    void run_fma(const item& it, const step& s, const value* v);
    void run_ternary(const item& it, const step& s, const value* v);
    void run_permute(const item& it, const step& s, const value* v);
    void run_store(const item& it, const step& s, const value* v);
    [[nodiscard]] int define(const item& it, const step& s);
    void finish(const item& it, const step& s, int reg);

    // Regions, in rare.cpp.
    void run_rare(const item& it, const step& s, const value* v);
    void write_stubs();
    void write_region(std::size_t n);

    // Registers, in registers.cpp.
    void reset(const schedule& s, int first_copy);
    [[nodiscard]] int allocate(bool mask, int wish = -1);
    void evict(int reg);
    void own(int reg, value v);
    void release(value v);
    void release_dying(const value* v, int n);
    [[nodiscard]] int use(value v);
    [[nodiscard]] bool folds(value v, const step& user, const value* operands, int n) const;
    [[nodiscard]] x86::Mem folded(value v, const step& user);
    void materialise(std::uint16_t s, int reg);
    [[nodiscard]] bool can_be_remade(const state& s) const;
    void move(int to, int from, int bytes);
    void spill_to(const x86::Mem& m, int reg, int bytes);
    void fill_from(int reg, const x86::Mem& m, int bytes);

    // Memory, in memory.cpp.
    [[nodiscard]] x86::Gp pointer(std::size_t operand);
    [[nodiscard]] x86::Mem address(std::size_t operand, std::size_t element, int copy);
    [[nodiscard]] x86::Mem stack(int offset, int size = 0) const { return x86::Mem(x86::rsp, offset, static_cast<std::uint32_t>(size)); }
    void load(const step& s, int copy, int reg);
    void load_strided(const step& s, int copy, int reg);
    void load_addresses(const step& s, int copy, int r);
    void broadcast_address(const x86::Gp& from, int r, int width);
    void strided_address(std::size_t operand, int copy);
    void load_elements(const step& s, int reg);
    void insert_elements(const step& s, int reg, base::function_ref<x86::Mem(int)> address);
    void copy_elements_in(const step& s, int stride_slot, int reg);
    void copy_tail(int element, bool out);

    // Gathers, in gather.cpp.
    void run_gather(const item& it, const step& s, const value* v);
    void gather_along_row(const step& s, int copy, int reg);
    void gather_elements(const step& s, int copy, int reg);
    void gather_tail(const step& s, int reg);
    void add_steps(const x86::Gp& index, std::size_t input);
    void copy_in(const step& s, int copy, bool strided, int reg);
    void store_vector(const x86::Mem& m, int reg, int bytes, int element, bool streaming);
    void copy_out(int element, int stride_slot);
    void set_tail();

    // Pieces of strided operands, in pieces.cpp.
    [[nodiscard]] int stride_of(std::size_t operand) const noexcept;
    [[nodiscard]] int places_more(std::size_t operand) const noexcept;
    [[nodiscard]] x86::Mem piece_address(std::size_t operand, const step& s, int copy);
    void load_piece(const step& s, int copy, int reg);
    void store_piece(const step& s, int copy, int reg, int mask);
    [[nodiscard]] int lanes_of_piece(std::size_t operand, const step& s);
    [[nodiscard]] int vector_of_piece(std::size_t operand, const step& s);
    void copy_piece(std::size_t operand, const step& s, int copy, bool out);
    void give_back(int reg);
    [[nodiscard]] value tail_mask(std::size_t element) const;
    [[nodiscard]] bool masked_by_vector(std::size_t element) const noexcept { return element >= 4; }
    [[nodiscard]] x86::Mem constant_scalar(std::uint64_t bits, int element);
    [[nodiscard]] x86::Mem constant_vector(const std::array<std::uint8_t, 64>& bytes);
    [[nodiscard]] x86::Mem constant_vector(const step& s);
    void write_constants();

    [[nodiscard]] value value_of(std::uint16_t s, int copy) const noexcept;
    [[nodiscard]] const step& step_of(value v) const noexcept { return p_.steps[values_[v].step]; }
    [[nodiscard]] static asmjit::Operand reg(int r, int bytes);
    [[nodiscard]] x86::Vec vec(int r) const {
        return p_.avx512 ? x86::Vec(x86::zmm(static_cast<std::uint32_t>(r))) : x86::Vec(x86::ymm(static_cast<std::uint32_t>(r)));
    }
    [[nodiscard]] std::size_t operand_of_output(std::size_t o) const noexcept { return k_.inputs.size() + o; }
    [[nodiscard]] std::size_t operand_of_reduction(std::size_t r) const noexcept { return k_.inputs.size() + k_.outputs.size() + r; }
    [[nodiscard]] bool rotates() const noexcept { return main_.copies > unroll_; }
    [[nodiscard]] std::size_t values_in_turn() const noexcept { return static_cast<std::size_t>(unroll_) * p_.steps.size(); }
    [[nodiscard]] bool column() const noexcept { return p_.kind == kernel_kind::column_reduce; }

    template <class... A>
    void put(std::uint32_t i, const A&... a) {
        ++count_;
        as_.emit(static_cast<asmjit::InstId>(i), a...);
    }
    template <class... A>
    void put_masked(int mask, bool zero, std::uint32_t i, const A&... a) {
        as_.k(x86::k(static_cast<std::uint32_t>(mask)));
        if (zero) as_.z();
        put(i, a...);
    }

    const kernel& k_;
    const program& p_;
    x86::Assembler as_;
    std::size_t count_ = 0;

    // Schedules. `single` is one copy of the loop's body, `main` several.
    schedule main_, single_, call_, row_;
    schedule begin_, end_;  // of a rotation, whose turn is main_
    turn_schedules main_turns_, single_turns_;
    stage stage_ = stage::before;
    int unroll_ = 1;
    int copy_step_ = 0;  // elements from one copy's vector to the next one's
    bool has_row_loads_ = false;

    // Registers.
    std::vector<state> values_;
    std::array<value, 40> owner_{};
    std::uint64_t vectors_ = 0, masks_ = 0;  // that there are
    std::uint64_t free_ = 0, pinned_ = 0, fixed_ = 0;
    std::uint64_t wished_ = 0;  // registers of wishes
    std::vector<std::int8_t> resident_;                   // by step, -1: none
    std::vector<int> home_;                               // by step: the stack slot of a hoisted value without register
    std::vector<std::vector<std::int8_t>> accumulators_;  // by reduction and copy, -1: on the stack
    std::vector<std::vector<int>> accumulator_slots_;
    std::vector<std::vector<std::int8_t>> carry_registers_;  // by carried value and copy, -1: on the stack
    std::vector<std::vector<int>> carry_slots_;
    std::vector<int> free_slots_, dead_slots_;  // dead: by the current step, which may still read them

    // Where the loop goes when a region is needed, and that region.
    struct stub {
        asmjit::Label entry, back;
        int mask = 0, result = 0, x = 0;
        std::uint8_t x_width = 0;
        std::uint16_t step = 0;
    };
    std::vector<stub> stubs_;
    std::vector<asmjit::Label> region_labels_;
    int rare_operands_ = no_slot, rare_return_ = no_slot, rare_saved_ = no_slot;

    // The code around the current block.
    int bias_ = 0;
    int first_copy_ = 0;
    int narrowed_ = 0;  // bytes to which a tree's steps are narrowed, or 0
    bool tail_ = false;
    // What comes to an accumulator: more, to be added; the first value; or what one element comes to by itself.
    enum class arrival : std::uint8_t { more, first, by_itself };
    arrival arrival_ = arrival::more;
    bool by_offset_ = false;  // results of rows beside each other: rcx is how far they are from where the first row has them

    // General registers and the stack.
    std::vector<x86::Gp> pointers_;  // by operand; not valid: on the stack
    std::vector<int> pointer_slots_, stride_slots_, step_slots_;
    std::vector<int> square_slots_, source_slots_, asked_slots_;  // by input: of those that lie across memory
    int groups_slot_ = no_slot, columns_slot_ = no_slot;
    int pass_slot_ = no_slot, passes_ = no_slot;  // of pairs of rows: the first lane of the pass, and what the passes came to
    std::vector<x86::Gp> saved_;
    x86::Gp rows_;
    int rows_slot_ = no_slot;
    int buffers_ = no_slot, count_slot_ = no_slot, counter_slot_ = no_slot;
    std::array<int, 4> mask_slots_{no_slot, no_slot, no_slot, no_slot};  // by the binary logarithm of the element's size
    int frame_bytes_ = 0;
    int spill_base_ = 0, spill_limit_ = 0, next_spill_ = 0, most_spilled_ = 0;

    // Constants in memory.
    std::vector<std::array<std::uint8_t, 64>> pool_vectors_;
    std::vector<std::pair<std::uint64_t, int>> pool_scalars_;
    asmjit::Label vectors_label_, scalars_label_, exit_;
};

}  // namespace sinter::inline v1::detail::codegen::jit
