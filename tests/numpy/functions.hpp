#pragma once

#include "type_by_name.hpp"

#include <sinter/sinter.hpp>

#include <functional>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

// What functions.py asks for: a function, its arguments in one word, how the operands lie in memory, the files to read and the one to write.

namespace sn = sinter;

struct job {
    std::string what, arguments, layout;
    std::vector<std::string> in;
    std::string out;
};

/// The operand in that layout: the file holds it mirrored, or with elements in between, which a view takes back.
template <class T>
[[nodiscard]] sn::array<T> operand(const job& j, std::size_t k) {
    sn::array<T> x = sn::load<T>(j.in.at(k));
    if (j.layout == "mirrored") return sn::flip(x);
    if (j.layout == "strided") return x(sn::ellipsis, sn::range({}, {}, 2));
    if (j.layout == "pending") return sn::where(x == x, x, x);
    return x;
}

/// Numbers separated by commas.
[[nodiscard]] inline std::vector<sn::index_t> numbers(const std::string& text) {
    std::vector<sn::index_t> out;
    std::istringstream in(text);
    for (std::string one; std::getline(in, one, ',');) out.push_back(std::stol(one));
    return out;
}

/// The shape, from a place in the numbers on.
[[nodiscard]] inline sn::extents shape_from(const std::vector<sn::index_t>& n, std::size_t first = 0) {
    return sn::extents(std::span<const sn::index_t>(n).subspan(first));
}

/// "all", or axes separated by commas.
[[nodiscard]] inline sn::axis_list axes(const std::string& text) {
    if (text == "all") return {};
    return numbers(text);
}

/// Each carries out its part of the functions; false: it has none of that name.
[[nodiscard]] bool run_elementwise(const std::string& type, const job& j);
[[nodiscard]] bool run_pairs(const std::string& type, const job& j);
[[nodiscard]] bool run_reductions(const std::string& type, const job& j);
[[nodiscard]] bool run_shapes(const std::string& type, const job& j);
