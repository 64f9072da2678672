#include "io/npy.hpp"

#include "graph/node.hpp"
#include "io/npy_header.hpp"

#include <sinter/detail/record.hpp>
#include <sinter/factories.hpp>
#include <sinter/files.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

namespace sinter::inline v1::detail {

namespace io {

namespace {

/// To map a file and to be asked for its pages one by one costs more than to copy fewer bytes.
constexpr std::uint64_t map_from = std::uint64_t{1} << 20;

[[nodiscard]] extents reversed(const extents& e) {
    extents r;
    for (std::size_t i = e.size(); i-- > 0;) r.push_back(e[i]);
    return r;
}

/// The strides of a shape whose first axis is the innermost one.
[[nodiscard]] extents fortran_strides(const extents& shape) {
    index_t steps[max_rank] = {};
    graph::contiguous_strides(reversed(shape), steps);
    return reversed(extents(std::span<const index_t>(steps, shape.size())));
}

template <class Word, class Swap>
void swap_each(std::byte* p, std::uint64_t bytes, Swap swap) {
    for (std::uint64_t i = 0; i < bytes; i += sizeof(Word)) {
        Word w;
        std::memcpy(&w, p + i, sizeof w);
        w = swap(w);
        std::memcpy(p + i, &w, sizeof w);
    }
}

void swap_bytes(std::byte* p, std::uint64_t bytes, std::size_t width) {
    if (width == 2) swap_each<std::uint16_t>(p, bytes, [](std::uint16_t w) { return __builtin_bswap16(w); });
    if (width == 4) swap_each<std::uint32_t>(p, bytes, [](std::uint32_t w) { return __builtin_bswap32(w); });
    if (width == 8) swap_each<std::uint64_t>(p, bytes, [](std::uint64_t w) { return __builtin_bswap64(w); });
}

/// The same memory seen with the axes the other way round.
[[nodiscard]] handle transposed_leaf(const handle& n, const extents& shape) {
    handle seen{graph::new_leaf(n->type, shape, fortran_strides(shape).data(), n->data, n->memory)};
    seen->refs.store(node::one_handle, std::memory_order_relaxed);
    return seen;
}

}  // namespace

node* load_values(const input_file& file, std::uint64_t begin, std::uint64_t end, dtype type, const std::string& where) {
    std::array<char, npy_preamble> start;
    const auto known = static_cast<std::size_t>(std::min<std::uint64_t>(start.size(), end - begin));
    file.read(start.data(), known, begin);
    const npy_text at = find_npy_text({start.data(), known}, where);
    if (at.offset + at.length > end - begin) throw io_error(where + "the file ends within the header");
    std::string text(at.length, '\0');
    file.read(text.data(), text.size(), begin + at.offset);
    const npy_header header = parse_npy_header(text, where);
    const bool swapped = is_swapped(header, type, where);
    const std::uint64_t bytes = bytes_of(header, type, where);
    const std::uint64_t first = begin + at.offset + at.length;
    if (bytes > end - first) {
        throw io_error(where + "the shape " + graph::to_string(header.shape) + " of " + name_of(type) + " takes " + std::to_string(bytes) +
                       " bytes, the file has " + std::to_string(end - first));
    }

    // Booleans are copied, as their bytes may be any in a file.
    if (bytes >= map_from && !swapped && type != dtype::boolean && first % size_of(part_of(type)) == 0) {
        if (const std::shared_ptr<const std::byte> mapped = file.map(bytes, first); mapped != nullptr) {
            const std::shared_ptr<std::byte> owner = std::const_pointer_cast<std::byte>(mapped);
            return borrow_node(type, owner.get(), false, header.shape, header.fortran ? fortran_strides(header.shape) : extents{}, owner);
        }
    }
    handle n{allocate_node(type, header.fortran ? reversed(header.shape) : header.shape)};
    if (bytes > 0) file.read(n->data, bytes, first);
    if (swapped) swap_bytes(n->data, bytes, size_of(part_of(type)));
    if (type == dtype::boolean) std::transform(n->data, n->data + bytes, n->data, [](std::byte b) { return std::byte{b != std::byte{0}}; });
    if (header.fortran && header.shape.size() > 1) n = transposed_leaf(n, header.shape);
    return n.release();
}

npy_image image_of(node& value) {
    const extents shape = value.shape();
    const extents strides(std::span<const index_t>(value.stride, value.rank));
    const bool fortran = !value.contiguous && graph::is_contiguous(reversed(shape), reversed(strides).data());
    return {.head = write_npy_header(value.type, fortran, shape),
            .values = value.size == 0 ? nullptr : fortran ? value.data : contiguous_data(value),
            .bytes = static_cast<std::size_t>(value.size) * size_of(value.type)};
}

}  // namespace io

node* load_npy(const std::string& path, dtype type) try {
    const io::input_file file("load", path);
    return io::load_values(file, 0, file.size(), type, file.where());
} catch (const std::bad_alloc&) {
    throw_no_memory("load");
}

void save_npy(const std::string& path, node& value) try {
    evaluate(value);
    const io::npy_image image = io::image_of(value);
    io::output_file file("save", path);
    file.write(image.head.data(), image.head.size());
    file.write(image.values, image.bytes);
    file.commit();
} catch (const std::bad_alloc&) {
    throw_no_memory("save");
}

}  // namespace sinter::inline v1::detail
