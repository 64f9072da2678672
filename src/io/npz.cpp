#include "io/npy.hpp"
#include "io/zip.hpp"

#include <sinter/files.hpp>

#include <algorithm>
#include <new>
#include <set>

// NumPy's archives: a .npy file for each array, its name with that ending.

namespace sinter::inline v1::detail {

namespace {

constexpr std::string_view ending = ".npy";
/// Its length has 16 bits, and the ending comes behind it.
constexpr std::size_t longest_name = 60000;

[[nodiscard]] std::string_view array_name(std::string_view member) {
    return member.ends_with(ending) ? member.substr(0, member.size() - ending.size()) : member;
}

}  // namespace

node* load_npz_member(const std::string& path, const std::string& name, dtype type) try {
    const io::input_file file("load_npz", path);
    const std::vector<io::zip_member> members = io::zip_members(file);
    // Of two members of one name the later one counts, as in Python.
    auto found = std::find_if(members.rbegin(), members.rend(), [&](const auto& m) { return array_name(m.name) == name; });
    if (found == members.rend()) found = std::find_if(members.rbegin(), members.rend(), [&](const auto& m) { return m.name == name; });
    if (found == members.rend()) {
        std::string there;
        for (const io::zip_member& m : members) there += (there.empty() ? "there are " : ", ") + std::string(array_name(m.name));
        throw io_error(file.where() + "there is no array '" + name + "'; " + (there.empty() ? "the archive is empty" : there));
    }
    const std::string where = file.where() + name + ": ";
    const auto [begin, end] = io::find_stored(file, *found, where);
    return io::load_values(file, begin, end, type, where);
} catch (const std::bad_alloc&) {
    throw_no_memory("load_npz");
}

std::vector<std::string> names_in_npz(const std::string& path) try {
    const io::input_file file("npz_names", path);
    std::vector<std::string> names;
    for (const io::zip_member& m : io::zip_members(file)) names.emplace_back(array_name(m.name));
    return names;
} catch (const std::bad_alloc&) {
    throw_no_memory("npz_names");
}

void save_npz_members(const std::string& path, const npz_view* members, std::size_t count) try {
    std::set<std::string_view> names;
    std::vector<eval_root> roots;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string& name = *members[i].name;
        if (name.empty() || name.size() > longest_name) throw value_error("save_npz: a name has " + std::to_string(name.size()) + " characters, not 1 to 60000");
        if (!names.insert(array_name(name)).second) throw value_error("save_npz: the name '" + name + "' is given twice");
        roots.push_back({members[i].value, nullptr});
    }
    if (count > 0) evaluate_all(roots.data(), roots.size(), {});
    io::output_file file("save_npz", path);
    io::zip_writer archive(file);
    for (std::size_t i = 0; i < count; ++i) {
        const io::npy_image image = io::image_of(*members[i].value);
        archive.add(std::string(array_name(*members[i].name)) + std::string(ending), image.head, image.values, image.bytes);
    }
    archive.finish();
    file.commit();
} catch (const std::bad_alloc&) {
    throw_no_memory("save_npz");
}

}  // namespace sinter::inline v1::detail
