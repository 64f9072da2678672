#include "io/npy_header.hpp"

#include "graph/node.hpp"

#include <sinter/detail/error.hpp>

#include <array>
#include <charconv>
#include <limits>

// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

namespace sinter::inline v1::detail::io {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
/// An array of eight dimensions takes a few hundred bytes; NumPy refuses more than ten thousand.
constexpr std::size_t longest_text = 65536;
constexpr std::size_t alignment = 64;

/// Reads the few kinds of Python values that a header has.
class python_text {
public:
    python_text(std::string_view text, const std::string& where) : text_{text}, where_{where} {}

    [[noreturn]] void expected(const char* what) const {
        throw io_error(where_ + "the header is not NumPy's: " + what + " expected at character " + std::to_string(at_));
    }

    [[nodiscard]] bool take(char c) {
        blanks();
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void need(char c, const char* what) {
        if (!take(c)) expected(what);
    }
    [[nodiscard]] bool next_is(char c) {
        blanks();
        return at_ < text_.size() && text_[at_] == c;
    }
    [[nodiscard]] bool at_end() {
        blanks();
        return at_ == text_.size();
    }

    [[nodiscard]] std::string_view string() {
        blanks();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '\'' && quote != '"') expected("a string");
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) expected("the end of the string");
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return inside;
    }

    [[nodiscard]] bool boolean() {
        blanks();
        for (const std::string_view word : {std::string_view("True"), std::string_view("False")}) {
            if (!text_.substr(at_).starts_with(word)) continue;
            at_ += word.size();
            return word == "True";
        }
        expected("True or False");
    }

    [[nodiscard]] index_t extent() {
        blanks();
        index_t value = 0;
        const auto [rest, failure] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        if (failure != std::errc{} || value < 0) expected("an extent");
        at_ = static_cast<std::size_t>(rest - text_.data());
        if (at_ < text_.size() && text_[at_] == 'L') ++at_;   // as Python 2 wrote them
        return value;
    }

private:
    void blanks() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
    }

    std::string_view text_;
    const std::string& where_;
    std::size_t at_ = 0;
};

[[nodiscard]] extents parse_shape(python_text& text, const std::string& where) {
    extents shape;
    text.need('(', "a shape");
    while (!text.take(')')) {
        const index_t extent = text.extent();
        if (shape.size() == static_cast<std::size_t>(max_rank)) throw io_error(where + "the array has more than 8 dimensions");
        shape.push_back(extent);
        // (3) is a number in Python, (3,) a shape.
        if (!text.take(',') && (shape.size() == 1 || !text.next_is(')'))) text.expected("a comma");
    }
    return shape;
}

/// The letter and the size that NumPy writes for a type. It has no name for bfloat16: Python's ml_dtypes, which adds one, writes two bytes without a meaning.
[[nodiscard]] std::string code_of(dtype type) {
    if (type == dtype::bf16) return "V2";
    const char kind = type == dtype::boolean ? 'b' : is_complex_code(type) ? 'c' : is_floating(type) ? 'f' : is_signed_integer(type) ? 'i' : 'u';
    return kind + std::to_string(size_of(type));
}

}  // namespace

npy_text find_npy_text(std::string_view start, const std::string& where) {
    if (!start.starts_with(magic)) throw io_error(where + "this is not a .npy file: it does not begin as one");
    const auto byte = [&](std::size_t i) -> std::size_t {
        if (i >= start.size()) throw io_error(where + "the file ends within the header");
        return static_cast<unsigned char>(start[i]);
    };
    const std::size_t version = byte(6), minor = byte(7);
    if (version < 1 || version > 3 || minor != 0) {
        throw io_error(where + "version " + std::to_string(version) + "." + std::to_string(minor) + " of the .npy format is not known");
    }
    if (version == 1) return {10, byte(8) | byte(9) << 8};
    const std::size_t length = byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
    if (length > longest_text) throw io_error(where + "a header of " + std::to_string(length) + " bytes is longer than that of any array");
    return {npy_preamble, length};
}

npy_header parse_npy_header(std::string_view text, const std::string& where) {
    enum key : std::size_t { type, order, shape, count };
    constexpr std::array<std::string_view, count> names = {"descr", "fortran_order", "shape"};
    std::array<bool, count> found{};
    npy_header header;
    python_text in(text, where);
    in.need('{', "a dictionary");
    while (!in.take('}')) {
        const std::string_view name = in.string();
        std::size_t k = 0;
        while (k < count && names[k] != name) ++k;
        if (k == count || found[k]) in.expected("another key");
        found[k] = true;
        in.need(':', "a colon");
        if (k == type) {
            if (in.next_is('[')) throw io_error(where + "the elements are structures, which no array holds");
            header.type = in.string();
        } else if (k == order) {
            header.fortran = in.boolean();
        } else {
            header.shape = parse_shape(in, where);
        }
        if (!in.take(',') && !in.next_is('}')) in.expected("a comma");
    }
    if (!in.at_end()) in.expected("the end");
    for (const bool f : found) {
        if (!f) in.expected("a key that is missing");
    }
    return header;
}

bool is_swapped(const npy_header& header, dtype wanted, const std::string& where) {
    std::string_view code = header.type;
    const char order = code.empty() ? '\0' : code.front();
    if (order == '<' || order == '>' || order == '=' || order == '|') code.remove_prefix(1);
    if (code != code_of(wanted)) throw io_error(where + "the elements are of type '" + header.type + "', not " + name_of(wanted));
    return order == '>' && size_of(wanted) > 1;
}

std::uint64_t bytes_of(const npy_header& header, dtype type, const std::string& where) {
    auto bytes = static_cast<std::int64_t>(size_of(type));
    bool fits = true, none = false;
    for (const index_t e : header.shape) {
        none = none || e == 0;
        if (e > 0) fits = !__builtin_mul_overflow(bytes, e, &bytes) && fits;
    }
    // Arrays without elements, too, have strides that are products of extents.
    if (!fits) throw io_error(where + "the shape " + graph::to_string(header.shape) + " has more bytes than can be addressed");
    return none ? 0 : static_cast<std::uint64_t>(bytes);
}

std::string write_npy_header(dtype type, bool fortran, const extents& shape) {
    std::string text = "{'descr': '" + std::string(size_of(type) == 1 ? "|" : "<") + code_of(type) +
                       "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i == 0 ? "" : " ") + std::to_string(shape[i]) + (i + 1 < shape.size() || i == 0 ? "," : "");
    text += "), }";
    constexpr std::size_t before = 10;
    text.append((alignment - (before + text.size() + 1) % alignment) % alignment, ' ');
    text += '\n';
    std::string head(magic);
    for (const std::size_t b : {std::size_t{1}, std::size_t{0}, text.size() & 0xff, text.size() >> 8}) head += static_cast<char>(b);
    return head + text;
}

}  // namespace sinter::inline v1::detail::io
