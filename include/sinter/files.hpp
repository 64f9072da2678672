#pragma once

#include <sinter/eval.hpp>

#include <initializer_list>
#include <string>
#include <vector>

namespace sinter::inline v1 {

// NumPy's files. A file that cannot be read or written, and one that is not what it says, is an io_error that names the file and the reason.

namespace detail {

struct npz_view {
    const std::string* name = nullptr;
    node* value = nullptr;
};

// Loading gives one handle.
[[nodiscard]] SINTER_API node* load_npy(const std::string& path, dtype type);
[[nodiscard]] SINTER_API node* load_npz_member(const std::string& path, const std::string& name, dtype type);
[[nodiscard]] SINTER_API std::vector<std::string> names_in_npz(const std::string& path);
SINTER_API void save_npy(const std::string& path, node& value);
SINTER_API void save_npz_members(const std::string& path, const npz_view* members, std::size_t count);

}  // namespace detail

/// The array in a .npy file (versions 1.0 to 3.0 of the format, either order, either byte order). Nothing is converted: elements of another type than T are an
/// io_error that names both; load what is there and cast. A large file is mapped: its pages are read when elements are, and it must not be
/// changed in place as long as the array is there (save replaces files, it does not change them). Fortran order is kept, as a transposed array.
template <class T>
    requires detail::element<T>
[[nodiscard]] array<T> load(const std::string& path) {
    return array<T>(detail::handle{detail::load_npy(path, detail::dtype_of<T>)});
}

/// One array of a .npz file, as numpy.savez writes it; its name with or without ".npy". Otherwise as load. Compressed members are an io_error.
template <class T>
    requires detail::element<T>
[[nodiscard]] array<T> load_npz(const std::string& path, const std::string& name) {
    return array<T>(detail::handle{detail::load_npz_member(path, name, detail::dtype_of<T>)});
}

/// The names of the arrays in a .npz file, in its order.
[[nodiscard]] inline std::vector<std::string> npz_names(const std::string& path) { return detail::names_in_npz(path); }

/// Writes a .npy file; evaluates. The file appears at once and whole, in place of one that was there: after an error, that one is still there. The
/// folder has to allow new files.
template <class X>
    requires detail::array_like<X>
void save(const std::string& path, const X& x, detail::source where = detail::source::current()) {
    const detail::edge value = detail::reading_of(x, where);
    detail::save_npy(path, *value);
}

/// An array, or an expression, and its name in a .npz file.
class npz_entry {
public:
    template <class X>
        requires detail::array_like<X>
    npz_entry(std::string name, const X& x, detail::source where = detail::source::current())
        : name_{static_cast<std::string&&>(name)}, value_{detail::reading_of(x, where)} {}

    // Not for users.
    [[nodiscard]] detail::npz_view view() const noexcept { return {&name_, value_.get()}; }

private:
    std::string name_;
    detail::edge value_;
};

/// Writes a .npz file: save_npz("x.npz", {{"a", a}, {"sum", a + b}}); evaluates all of them in one plan. Nothing is compressed. Otherwise as save. Throws
/// value_error for names that are empty or given twice.
inline void save_npz(const std::string& path, const std::vector<npz_entry>& entries) try {
    std::vector<detail::npz_view> members;
    members.reserve(entries.size());
    for (const npz_entry& e : entries) members.push_back(e.view());
    detail::save_npz_members(path, members.data(), members.size());
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("save_npz");
}

}  // namespace sinter::inline v1
