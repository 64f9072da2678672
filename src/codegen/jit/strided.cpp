#include "codegen/jit/select.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>
#include <vector>

// Elements at a fixed stride. A load covers the elements of a vector with whole pieces of memory and permutes them into lanes; no piece
// begins before the first element or ends after the last one. A store permutes lanes to where they belong in each piece, and writes those only.

namespace sinter::inline v1::detail::codegen::jit {

namespace x = asmjit::x86::Inst;

namespace {

using table = std::array<std::uint8_t, 64>;

constexpr std::uint8_t nothing = 0x80;  // for vpshufb: zero

/// The elements of a vector in the order of memory.
struct elements {
    int count = 0;
    int step = 1;  // from one to the next
    bool reversed = false;
    int first_lane = 0;

    elements(int lanes, int stride, int from_lane = 0) : count{lanes}, step{std::abs(stride)}, reversed{stride < 0}, first_lane{from_lane} {}

    [[nodiscard]] int span() const noexcept { return (count - 1) * step + 1; }
    [[nodiscard]] int place(int element) const noexcept { return element * step; }
    [[nodiscard]] int lane(int element) const noexcept { return reversed ? count - 1 - element : element; }
    /// Of the first one, seen from lane 0 of the whole vector.
    [[nodiscard]] int offset() const noexcept { return reversed ? -(first_lane + count - 1) * step : first_lane * step; }
};

/// Pieces of so many elements that cover a span: side by side, but the last one ends with the span.
struct cover {
    int size = 0;
    std::vector<int> starts;

    cover(const elements& e, std::size_t element, int most_bytes) {
        const auto fits = static_cast<int>(std::bit_floor(static_cast<unsigned>(e.span()) * static_cast<unsigned>(element)));
        size = std::min(fits, most_bytes) / static_cast<int>(element);
        for (int at = 0; at + size < e.span(); at += size) starts.push_back(at);
        starts.push_back(e.span() - size);
    }
    [[nodiscard]] int piece_of(int place) const noexcept { return std::min(place / size, static_cast<int>(starts.size()) - 1); }
};

void set_lane(table& t, int lane, int value, int element) { t[static_cast<std::size_t>(lane * element)] = static_cast<std::uint8_t>(value); }

void set_bytes(table& t, int lane, int from, int element) {
    for (int b = 0; b < element; ++b) t[static_cast<std::size_t>(lane * element + b)] = static_cast<std::uint8_t>(from * element + b);
}

[[nodiscard]] table filled(std::uint8_t with) {
    table t;
    t.fill(with);
    return t;
}

}  // namespace

id selector::strided_load(const step& s, int stride) {
    if (p_.avx512 && (s.element > 1 || p_.byte_permutes)) return load_by_tables(s, stride);
    return s.element >= 4 ? load_by_blends(s, stride) : load_by_bytes(s, stride);
}

bool selector::strided_store(const step& s, int stride) {
    if (p_.avx512 && (s.element > 1 || p_.byte_permutes)) {
        store_by_tables(s, stride);
    } else if (s.element >= 4) {
        store_by_lanes(s, stride);
    } else if (p_.avx512 || stride == -1) {
        store_by_bytes(s, stride);
    } else {
        return false;  // AVX2 has no masked stores of bytes
    }
    return true;
}

id selector::load_piece(const step& s, int offset, int bytes) {
    step piece = s;
    p_.pieces.push_back({offset, bytes});
    piece.piece = static_cast<std::uint16_t>(p_.pieces.size());
    piece.bytes = static_cast<std::uint8_t>(bytes);
    piece.width = register_bytes(bytes);
    return add(piece);
}

/// lanes: one bit for each element of the piece that is written.
void selector::store_piece(const step& s, id value, int offset, int bytes, std::uint64_t lanes) {
    step piece = s;
    p_.pieces.push_back({offset, bytes});
    piece.piece = static_cast<std::uint16_t>(p_.pieces.size());
    piece.bytes = static_cast<std::uint8_t>(bytes);
    piece.width = piece.view = register_bytes(bytes);
    piece.a = value;
    const int n = bytes / s.element;
    if (std::popcount(lanes) < n) {
        piece.shape = form::store_masked;
        if (p_.avx512) {
            piece.b = add({.shape = form::bit_pattern, .bits = lanes});
        } else {
            table mask{};
            for (int b = 0; b < bytes; ++b) mask[static_cast<std::size_t>(b)] = (lanes >> (b / s.element) & 1U) != 0 ? 0xff : 0;
            piece.b = pattern(mask, piece.width);
        }
    }
    add(piece);
}

/// Bytes of a 16-byte vector, or elements of 4 and 8 bytes of a longer one, in another order. index: elements.
id selector::shuffle(const step& s, id value, const table& index, int bytes) {
    const int element = s.element;
    const std::uint8_t w = register_bytes(bytes);
    table control{};
    step made{.shape = form::binary,
              .bytes = static_cast<std::uint8_t>(bytes),
              .element = s.element,
              .width = w,
              .view = w,
              .memory = w};
    if (w == 16) {
        for (int n = 0; n < bytes / element; ++n) set_bytes(control, n, index[static_cast<std::size_t>(n)], element);
        made.inst = x::kIdVpshufb;
        made.a = value;
        made.b = pattern(control, w);
        return add(made);
    }
    const int words = element / 4;
    for (int n = 0; n < bytes / 4; ++n) set_lane(control, n, index[static_cast<std::size_t>(n / words)] * words + n % words, 4);
    made.inst = x::kIdVpermps;
    made.a = pattern(control, w);
    made.b = value;
    return add(made);
}

/// AVX-512: a permutation of one piece, then one of two for each piece more.
id selector::load_by_tables(const step& s, int stride) {
    const elements e{lanes(), stride};
    const cover c{e, s.element, p_.vector_bytes};
    const int bytes_of_piece = c.size * s.element;
    const std::uint8_t w = register_bytes(bytes_of_piece);
    const int in_register = w / s.element;
    const auto piece = [&](std::size_t n) { return load_piece(s, e.offset() + c.starts[n], bytes_of_piece); };
    step made{.bytes = s.bytes, .element = s.element, .width = s.width, .view = w, .memory = w};
    id all = piece(0);
    for (int n = c.starts.size() == 1 ? 0 : 1; n < static_cast<int>(c.starts.size()); ++n) {
        table index{};
        for (int k = 0; k < e.count; ++k) {
            const int from = c.piece_of(e.place(k));
            const int place = e.place(k) - c.starts[static_cast<std::size_t>(from)];
            // What is there already is in its lane, but the first piece is as it was loaded.
            set_lane(index, e.lane(k), from != n ? (n == 1 ? place : e.lane(k)) : n == 0 ? place : in_register + place, s.element);
        }
        if (n == 0) {
            made.shape = form::binary;
            made.inst = by_size(s.element, x::kIdVpermb, x::kIdVpermw, x::kIdVpermd, x::kIdVpermq);
            made.a = pattern(index, w);
            made.b = all;
        } else {
            made.shape = form::permute;
            made.inst = by_size(s.element, x::kIdVpermt2b, x::kIdVpermt2w, x::kIdVpermt2d, x::kIdVpermt2q);
            made.a = all;
            made.b = pattern(index, w);
            made.c = piece(static_cast<std::size_t>(n));
        }
        all = add(made);
    }
    return all;
}

/// AVX2, 4 and 8 bytes: pieces that overlap so that no two elements are at the same place of theirs are blended into one.
id selector::load_by_blends(const step& s, int stride) {
    const elements e{lanes(), stride};
    const int n = e.count;
    // Pieces that begin a multiple of n - 1 apart: the places are element * step mod (n - 1), all different but for the last one, which
    // ends the piece before. Otherwise a piece for each element, with the element in its lane.
    const bool shared = std::gcd(e.step, n - 1) == 1;
    table index{};
    std::vector<std::pair<int, unsigned>> pieces;  // where each begins, and the places that are taken from it
    bool in_order = true;
    for (int k = 0; k < n; ++k) {
        const int start = shared ? std::min(e.place(k) / (n - 1), e.step - 1) * (n - 1) : k * (e.step - 1);
        const int place = e.place(k) - start;
        if (pieces.empty() || pieces.back().first != start) pieces.emplace_back(start, 0);
        pieces.back().second |= 1U << place;
        index[static_cast<std::size_t>(e.lane(k))] = static_cast<std::uint8_t>(place);
        in_order = in_order && place == e.lane(k);
    }
    id all = load_piece(s, e.offset() + pieces[0].first, s.bytes);
    for (std::size_t p = 1; p < pieces.size(); ++p) {
        const id more = load_piece(s, e.offset() + pieces[p].first, s.bytes);
        all = add({.shape = form::binary_imm,
                   .inst = s.element == 4 ? x::kIdVblendps : x::kIdVblendpd,
                   .bytes = s.bytes,
                   .element = s.element,
                   .width = s.width,
                   .view = s.width,
                   .memory = s.width,
                   .imm = static_cast<std::uint8_t>(pieces[p].second),
                   .a = all,
                   .b = more});
    }
    return in_order ? all : shuffle(s, all, index, s.bytes);
}

/// 1 and 2 bytes without permutations of whole vectors: 16 bytes of the result at a time, each from pieces of 16 bytes or fewer.
id selector::load_by_bytes(const step& s, int stride) {
    const int element = s.element, in_part = std::min(16 / element, lanes());
    const inst either = p_.avx512 ? x::kIdVpord : x::kIdVpor;
    id all = 0;
    for (int part = 0; part * in_part < lanes(); ++part) {
        const elements e{in_part, stride, part * in_part};
        const cover c{e, s.element, 16};
        step made{.shape = form::binary, .bytes = static_cast<std::uint8_t>(in_part * element), .element = s.element, .width = 16, .view = 16, .memory = 16};
        id sum = 0;
        for (int n = 0; n < static_cast<int>(c.starts.size()); ++n) {
            const int start = c.starts[static_cast<std::size_t>(n)];
            table control = filled(nothing);
            for (int k = 0; k < e.count; ++k) {
                if (c.piece_of(e.place(k)) == n) set_bytes(control, e.lane(k), e.place(k) - start, element);
            }
            made.inst = x::kIdVpshufb;
            made.a = load_piece(s, e.offset() + start, c.size * element);
            made.b = pattern(control, 16);
            const id moved = add(made);
            made.inst = either;
            made.a = sum;
            made.b = moved;
            sum = n == 0 ? moved : add(made);
        }
        all = part == 0 ? sum
                        : add({.shape = form::insert,
                               .inst = p_.avx512 ? x::kIdVinserti32x4 : x::kIdVinserti128,
                               .bytes = s.bytes,
                               .element = s.element,
                               .width = s.width,
                               .view = 16,
                               .memory = 16,
                               .imm = static_cast<std::uint8_t>(part),
                               .a = all,
                               .b = sum});
    }
    return all;
}

namespace {

/// Which lane belongs where in a piece that begins at a place, and the places that are written.
struct spread {
    table lane{};
    std::uint64_t written = 0;

    spread(const elements& e, int start, int size) {
        for (int p = 0; p < size; ++p) {
            const int place = start + p;
            if (place % e.step != 0 || place / e.step >= e.count) continue;
            lane[static_cast<std::size_t>(p)] = static_cast<std::uint8_t>(e.lane(place / e.step));
            written |= std::uint64_t{1} << p;
        }
    }
};

}  // namespace

/// AVX-512: each piece by one permutation and one masked store.
void selector::store_by_tables(const step& s, int stride) {
    const elements e{lanes(), stride};
    const int element = s.element;
    const int bytes = std::clamp(static_cast<int>(std::bit_ceil(static_cast<unsigned>(e.span() * element))), element < 4 ? 16 : 32, 64);
    const int size = bytes / element;
    for (int start = 0; start < e.span(); start += size) {
        const spread to{e, start, size};
        table index{};
        for (int p = 0; p < size; ++p) set_lane(index, p, to.lane[static_cast<std::size_t>(p)], element);
        const auto w = static_cast<std::uint8_t>(bytes);
        const id moved = add({.shape = form::binary,
                              .inst = by_size(s.element, x::kIdVpermb, x::kIdVpermw, x::kIdVpermd, x::kIdVpermq),
                              .bytes = w,
                              .element = s.element,
                              .width = w,
                              .view = w,
                              .memory = w,
                              .a = pattern(index, w),
                              .b = s.a});
        store_piece(s, moved, e.offset() + start, bytes, to.written);
    }
}

/// AVX2, 4 and 8 bytes: the same by the instructions that there are.
void selector::store_by_lanes(const step& s, int stride) {
    const elements e{lanes(), stride};
    for (int start = 0; start < e.span(); start += e.count) {
        const spread to{e, start, e.count};
        store_piece(s, shuffle(s, s.a, to.lane, s.bytes), e.offset() + start, s.bytes, to.written);
    }
}

/// 1 and 2 bytes without permutations of whole vectors: 16 bytes of the value at a time. On AVX2 only reversed, whole pieces.
void selector::store_by_bytes(const step& s, int stride) {
    const int element = s.element, in_part = std::min(16 / element, lanes());
    for (int part = 0; part * in_part < lanes(); ++part) {
        const elements e{in_part, stride, part * in_part};
        const id value = part == 0 ? s.a
                                   : add({.shape = form::unary_imm,
                                          .inst = p_.avx512 ? x::kIdVextracti32x4 : x::kIdVextracti128,
                                          .bytes = 16,
                                          .element = s.element,
                                          .width = 16,
                                          .view = s.width,
                                          .imm = static_cast<std::uint8_t>(part),
                                          .a = s.a});
        const int bytes = e.step == 1 ? in_part * element : 16;
        for (int start = 0; start < e.span(); start += bytes / element) {
            const spread to{e, start, bytes / element};
            store_piece(s, shuffle(s, value, to.lane, bytes), e.offset() + start, bytes, to.written);
        }
    }
}

}  // namespace sinter::inline v1::detail::codegen::jit
