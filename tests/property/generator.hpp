#pragma once

#include <sinter/sinter.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <variant>
#include <vector>

namespace property {

namespace sn = sinter;

enum class action : std::uint8_t {
    input,     // values from a seed
    unary,     // an operation on a
    binary,    // on a and b, which broadcast
    fused,     // a longer statement of a and b
    ternary,   // where, fma: on a, b and c
    function,  // a lambda with two results: this and the next value
    second,    // the second result of the function before
    reduce,    // over one axis, kept
    slice,     // a view of a
    transpose,
    write,       // a copy of a, of which a part becomes a statement of b
    compound,    // a copy of a, to which b is added
    whole,        // through integers and back
    pending_row,  // a row of a, broadcast against a
    normalise,     // softmax and the like, over one axis: several statements that go over the same rows
    typed_unary,   // an operation of any type, on a as that type
    typed_binary,  // and on a and b
    typed_reduce,
    convert,  // a as another type
    array_function,  // flip, roll, pad, cumsum, argmax, var and the like, along one axis
    more_functions,  // cumprod, tile, repeat, diagonal, any, all, put, other random numbers
    ordered,         // what sorts, selects and counts
    complex_function, // of the complex numbers of a and b
    reshape,         // a in another shape
    seen_twice       // of views of a that are made apart
};

/// Which actions are drawn. A seed's program stays as long as its vocabulary does.
enum class vocabulary : std::uint8_t {
    up_to_array_functions,
    all
};

/// One statement: its result is the value of its number.
struct step {
    action what = action::input;
    int variant = 0;
    std::size_t a = 0, b = 0, c = 0;
    sn::index_t start = 0, stop = 0, stride = 1;
    sn::index_t rows = 1, columns = 1;  // the result's shape
    sn::detail::dtype type = sn::detail::dtype::f32;  // in which a typed action computes
};

/// Several statements on matrices, and which of their values are asked for in the end.
struct program {
    std::uint32_t seed = 0;
    std::vector<step> steps;
    std::vector<std::size_t> wanted;
};

[[nodiscard]] program make_program(std::uint32_t seed, vocabulary words = vocabulary::all);

/// The program in words, one line a statement.
[[nodiscard]] std::string to_string(const program& p);

enum class how : std::uint8_t {
    together,   // everything is recorded, then one evaluation of what is wanted; temporaries are dropped first
    held,       // the same, with every temporary still held
    one_by_one  // each statement is evaluated at once
};

/// An array of any type.
using value = std::variant<sn::array<bool>, sn::array<std::int8_t>, sn::array<std::int16_t>, sn::array<std::int32_t>, sn::array<std::int64_t>,
                           sn::array<std::uint8_t>, sn::array<std::uint16_t>, sn::array<std::uint32_t>, sn::array<std::uint64_t>, sn::array<sn::float16>,
                           sn::array<sn::bfloat16>, sn::array<float>, sn::array<double>>;

/// The values that are wanted.
[[nodiscard]] std::vector<value> run(const program& p, how h);

}  // namespace property
