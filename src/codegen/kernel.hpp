#pragma once

#include <sinter/detail/types.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::codegen {

/// How an operand moves along the inner (vectorised) loop.
enum class access : std::uint8_t {
    broadcast,  // one element for the whole row
    unit,       // next to each other
    strided,    // a stride that the frame gives, any sign
};

/// Strides of so many elements at most, of either sign, may be part of a kernel: its code then moves whole vectors and permutes them.
inline constexpr int largest_fixed_stride = 8;

/// The codes of instructions that are not operations.
inline constexpr std::uint16_t code_load = 0xfff0;      // a: index of the input
inline constexpr std::uint16_t code_param = 0xfff1;     // a: index of the parameter
inline constexpr std::uint16_t code_constant = 0xfff2;  // bits: the value, as to_bits makes it
inline constexpr std::uint16_t code_rare = 0xfff3;      // in expanded kernels. select(a, what region `bits` makes of b and c, b)
inline constexpr std::uint16_t code_state = 0xfff4;     // a: a state of the kernel's loop: in its body as the turn begins, elsewhere after the loop
inline constexpr std::uint16_t code_gather = 0xfff6;    // the element of input `bits` at so many steps as a, an i32 or i64, says
inline constexpr std::uint16_t code_capture = 0xfff5;   // a: what the body of the loop has from outside

inline constexpr std::uint16_t code_lookup = 0xfff7;    // in expanded kernels. What the table_of<type> at address `bits` has for a, of that type

/// One value of a kernel, in static single assignment: its number is its place in kernel::code, and operands stand before it.
struct instruction {
    std::uint16_t code = 0;   // an operation's code, or one of the above
    dtype type = dtype::f32;  // of the result
    std::uint16_t a = 0, b = 0, c = 0;
    std::uint64_t bits = 0;
    bool operator==(const instruction&) const = default;
};

struct input {
    dtype type = dtype::f32;
    access inner = access::unit;
    std::int8_t stride = 0;  // of a strided one, in elements, if it is fixed: the frame gives the same; 0: only the frame knows
    std::uint8_t ahead = 0;  // unit only, not 0: not read, but its lines are asked for, as a later kernel reads them: of each turn the quarters whose bits
                             // are set. Backends may pass over it
    bool to_second = false;  // of one that is asked for: into the second cache
    // Unit only: elements next to each other are those of as many rows as a vector has lanes, and the frame's inner stride leads to the next element of a
    // row. For AVX-512 code of a map without a loop, whose other operands are unit or broadcast, and of types that fill whole vectors.
    bool turned = false;
    bool counts = false;  // not read: an element is its own address, as 64 bits
    std::uint16_t imag = 0;  // of the real parts of complex numbers: 1 + the input that is their imaginary parts, if it is there; next to them in memory
    bool gathers = false;  // read by gathers only: an element is the index times a step of bytes away, which the frame gives
    bool next = false;     // of one that gathers: that step is one element
    bool still = false;    // of rows beside each other: the same for all of them
    bool operator==(const input&) const = default;
};

/// A body that runs only for vectors of which some element needs it: its loads 0 and 1 are the operands b and c of the instruction, its last value
/// is the result.
using rare_region = std::vector<instruction>;

/// How many of a, b and c are values.
[[nodiscard]] int operands_of(const instruction& i) noexcept;

/// A value that is stored for each element.
struct output {
    static constexpr std::uint16_t no_scan = 0xffff;

    dtype type = dtype::f32;
    access inner = access::unit;  // unit or strided
    bool streaming = false;       // past the caches; needs 64-byte aligned rows, and a fence before other threads read
    std::uint16_t value = 0;
    std::int8_t stride = 0;  // as an input's
    bool paired = false;     // the real parts of complex numbers: the next output is their imaginary parts, next to them in memory
    std::uint16_t scan = no_scan;  // or the code of the operation by which the values are accumulated along the loop that a reduction runs over

    [[nodiscard]] bool accumulates() const noexcept { return scan != no_scan; }
    bool operator==(const output&) const = default;
};

/// A value that is reduced.
struct reduction {
    static constexpr std::uint16_t no_start = 0xffff, no_factor = 0xffff;

    std::uint16_t code = 0;  // add, multiply, minimum, maximum, ...: an operation with two operands and an identity
    std::uint16_t value = 0;
    dtype type = dtype::f32;     // of the value, and of the result unless that is an index
    std::uint64_t identity = 0;  // as to_bits makes it
    // With a step, for minimum and maximum: the result is the index of the first element that has the extreme value, or of the first NaN if there is one. The
    // i-th element's index is step * i, with the value `start`, an i64, added where there is one.
    index_t step = 0;
    std::uint16_t start = no_start;
    std::uint16_t factor = no_factor;  // of a sum of floats: a value whose products with `value` are added, each by an fma

    [[nodiscard]] bool gives_index() const noexcept { return step != 0; }
    [[nodiscard]] bool adds_products() const noexcept { return factor != no_factor; }
    [[nodiscard]] dtype result_type() const noexcept { return gives_index() ? dtype::i64 : type; }
    bool operator==(const reduction&) const = default;
};

/// Each element of a map may go through a loop of its own: its states begin as values of the kernel's code, and as long as the condition holds for them,
/// but at most limit times, the next values take their place. What depends on states outside of the body is computed after the loop.
struct iteration {
    static constexpr std::uint16_t no_param = 0xffff;

    std::vector<std::uint16_t> initial;   // by state: a value of the kernel's code
    std::vector<std::uint16_t> captures;  // values of the kernel's code; none depends on a state
    std::vector<instruction> body;        // of states, captures and constants
    std::vector<std::uint16_t> next;      // by state: a value of the body
    std::uint16_t condition = 0;          // a bool of the body
    std::uint16_t limit_param = no_param; // the limit is this parameter, an i64,
    std::int64_t limit = 0;               // or this number

    [[nodiscard]] bool empty() const noexcept { return initial.empty(); }
    bool operator==(const iteration&) const = default;
};

/// For each element of two nested loops, `rows` times `n`, the values of `code` are computed from the inputs and
///   map            every output is stored at (row, i);
///   row_reduce     the same, and every reduction gives one value a row;
///   column_reduce  the same, and every reduction gives one value for each i.
///
/// The order of a reduction is fixed. Row: lanes l in [0, L), L = 64 (32 where the reduction's type has 8 bytes), start as the
/// identity; element i is combined as lane = op(lane, value) into lane i mod L, i ascending; then for h = L/2, L/4, ..., 1:
/// lane[l] = op(lane[l], lane[l + h]) for l < h; lane 0 is the result. The caller cuts rows longer than a block.
/// Column: acc = identity; acc = op(acc, value) over the rows, ascending.
/// Where products are added, a lane or column is fma(value, factor, lane) instead of op(lane, value); what combines lanes stays op.
/// An index is the same in any order; of no elements it is 0. So is what any and all give, which is known once one element decides it: what is left of
/// such a row need not be looked at (is_decided_early).
///
/// An output with a scan is the only output of a kernel of either kind, which has no reductions; its order is that of reduction_order.hpp.
enum class kernel_kind : std::uint8_t { map, row_reduce, column_reduce };

/// What code generators make code for, and the key of what they made. Extents, larger strides and scalars are not part of it.
struct kernel {
    kernel_kind kind = kernel_kind::map;
    bool contract = true;  // recorded with contraction; for the key only
    std::uint8_t vectors = 0;  // of a map: how many a code generator takes at a time; 0: as many as it finds good
    bool long_rows = false;    // of a row_reduce: what a row takes beside its elements hardly matters
    // Of a map or row_reduce: unit inputs come from beyond the second cache, line by line, so it may ask for lines before it reads them: so many bytes. 0: it does not.
    std::uint16_t asks_ahead = 0;
    // Of a row_reduce of several rows by several others: so many reductions each, one after another, give results that lie next to each other in memory. All are
    // by one operation on one type, which fills vectors. Inputs that are not still are there for each of those that come together, one after another, with the same
    // strides; results of the next ones follow in memory. 0: each row for itself.
    std::uint8_t beside = 0;
    std::vector<input> inputs;
    std::vector<dtype> params;
    std::vector<instruction> code;
    std::vector<rare_region> rare;  // of expanded kernels
    std::vector<output> outputs;
    std::vector<reduction> reductions;
    iteration loop;  // of a map, or empty

    [[nodiscard]] bool has_squares() const noexcept;
    bool operator==(const kernel&) const = default;
};

/// The input with the real parts of the complex numbers of which an input holds a part, where both parts are loaded together; -1: they are not.
[[nodiscard]] int pair_of(const kernel& k, std::size_t input) noexcept;
/// Whether the parts of complex numbers, this output and the next, are stored together.
[[nodiscard]] bool is_pair(const output& o) noexcept;

/// Whether machine code for a kernel on AVX-512 may have vectors that go on from turn to turn of its loop (jit/rotation.cpp), if it has so many steps, stores included, and registers have room.
[[nodiscard]] bool may_go_on(const kernel& k) noexcept;
inline constexpr std::size_t fewest_going_on = 16, most_going_on = 360;

/// The arguments of one run of a kernel. Operands are numbered inputs, outputs, reductions. Strides are in bytes. Whatever lies
/// between the first and the last element of a row may be read, but only the elements are written.
/// A row stride of 0 repeats the row. For reductions: row_reduce writes its result r at pointer + r * row_stride;
/// column_reduce writes its result i at pointer + i * size of its type. rows and n may be 0 (a reduction over nothing
/// gives the identity: n == 0 in row_reduce, rows == 0 in column_reduce).
/// With inputs that are turned, rows and n are multiples of the lanes; their row strides, and the inner strides of unit inputs beside them, lead to
/// what is asked for ahead of time instead: of turned ones as many lines of a row as there are lanes for each square, and the next row for the next.
struct frame {
    std::byte* const* pointers = nullptr;
    const index_t* row_strides = nullptr;
    const index_t* inner_strides = nullptr;  // read for strided operands only
    const std::uint64_t* params = nullptr;   // as to_bits makes them
    index_t rows = 1;
    index_t n = 0;
    const index_t* steps = nullptr;  // of inputs that gather: bytes for each step of the index
    index_t* passed_over = nullptr;  // if given: elements are added that were not looked at, as the row's result was known without them
};

/// Code that runs a kernel, from whichever generator. Safe to run from several threads at once.
class executable {
public:
    using entry_point = void (*)(const frame*, const executable*);

    executable() = default;
    executable(const executable&) = delete;
    executable& operator=(const executable&) = delete;
    virtual ~executable() = default;

    void run(const frame& f) const { entry_(&f, this); }
    /// The same for callers that hold a base::default_environment: looking at the mode waits for whatever computes before it.
    void run_in_default(const frame& f) const { entry_in_default_(&f, this); }
    [[nodiscard]] entry_point entry() const noexcept { return entry_; }
    /// "jit-avx512", "jit-avx2" or "portable".
    [[nodiscard]] const char* backend() const noexcept { return backend_; }
    /// Bytes of machine code, 0 if none was made for it.
    [[nodiscard]] std::size_t code_bytes() const noexcept { return code_bytes_; }
    /// Machine instructions made for it.
    [[nodiscard]] std::size_t instructions() const noexcept { return instructions_; }

protected:
    entry_point entry_ = nullptr, entry_in_default_ = nullptr;
    const char* backend_ = "";
    std::size_t code_bytes_ = 0;
    std::size_t instructions_ = 0;
};

using executable_ptr = std::shared_ptr<const executable>;

/// Elements that one vector step of a kernel handles with vectors of vector_bytes: as many as fit of its widest type.
[[nodiscard]] int lanes_per_step(const kernel& k, int vector_bytes) noexcept;

/// Whether machine code can find this index beside the kernel's other values: the elements fill vectors of 64 bytes, and their numbers start from 0.
[[nodiscard]] bool has_index_in_registers(const kernel& k, const reduction& r) noexcept;

/// Whether a row's result is known as soon as one element has a certain value: it is the greatest or least of conditions as bytes, and all that the kernel makes.
[[nodiscard]] bool is_decided_early(const kernel& k) noexcept;
/// Of such a kernel: the byte that decides.
[[nodiscard]] std::byte deciding_byte(const kernel& k) noexcept;

/// What a kernel adds up along its rows, if that is all it makes: bytes next to each other in memory. Sums of 64 bits are the same in any order, so machine code adds whole vectors of them.
enum class byte_sum : std::uint8_t { none, of_unsigned, of_signed, of_conditions };
[[nodiscard]] byte_sum bytes_summed_by(const kernel& k) noexcept;

/// The kernel with every composite operation replaced by its body, in primitives only: constants folded, common values
/// merged, unused ones dropped. What the JIT compiles; the portable backend runs bodies over xsimd instead. Assisted operations stay where the
/// machine has instructions for them.
[[nodiscard]] kernel expand(const kernel& k, bool assistance = false);

/// Throws internal_error unless the kernel is well formed: operands stand before their users, types obey the operations' rules.
void verify(const kernel& k);

/// Fills `count` elements with the value whose bits these are.
void fill(std::byte* out, std::uint64_t bits, std::size_t size, std::size_t count) noexcept;

/// For reading: one line a value.
[[nodiscard]] std::string to_string(const kernel& k);

}  // namespace sinter::inline v1::detail::codegen
