#include "support/check.hpp"
#include "support/folder.hpp"

#include <fstream>
#include <functional>
#include <random>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

// What is wrong with files: every message, and files that lie.

namespace {

namespace sn = sinter;
using sn::index_t;

void write_file(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

[[nodiscard]] std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The message of a program, without the name of the folder.
template <class E = sn::io_error>
[[nodiscard]] std::string message(const support::folder& folder, const std::function<void()>& program) {
    try {
        program();
    } catch (const E& e) {
        std::string text = e.what();
        if (const auto at = text.find(folder.path() + "/"); at != std::string::npos) text.erase(at, folder.path().size() + 1);
        return text;
    } catch (const std::exception& e) {
        return std::string("another kind of error: ") + e.what();
    }
    return "nothing";
}

/// A file with this header, of version 1.0, and so many bytes of values.
[[nodiscard]] std::string npy(const std::string& header, std::size_t bytes = 0) {
    std::string file = "\x93NUMPY";
    for (const std::size_t b : {std::size_t{1}, std::size_t{0}, header.size() & 0xff, header.size() >> 8}) file += static_cast<char>(b);
    return file + header + std::string(bytes, '\0');
}

[[nodiscard]] std::string dictionary(const std::string& type, const std::string& order, const std::string& shape) {
    return "{'descr': " + type + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

BOOST_AUTO_TEST_SUITE(wrong_files)

BOOST_AUTO_TEST_CASE(headers) {
    const support::folder folder;
    const std::string path = folder / "x.npy";
    const auto load = [&](const std::string& bytes) {
        write_file(path, bytes);
        return message(folder, [&] { static_cast<void>(sn::load<float>(path)); });
    };
    const std::string begin = "load: x.npy: ", python = begin + "the header is not NumPy's: ";
    BOOST_REQUIRE(load(npy(dictionary("'<f4'", "False", "(2, 1)"), 8)) == "nothing");
    BOOST_REQUIRE(load(npy("{\"shape\":(2L,),\"fortran_order\":True,\"descr\":'=f4'}", 8)) == "nothing");

    BOOST_TEST(load("") == begin + "this is not a .npy file: it does not begin as one");
    BOOST_TEST(load("PK\x03\x04 and so on") == begin + "this is not a .npy file: it does not begin as one");
    BOOST_TEST(load("\x93NUMPY") == begin + "the file ends within the header");
    BOOST_TEST(load("\x93NUMPY\x01") == begin + "the file ends within the header");
    BOOST_TEST(load(std::string("\x93NUMPY\x01\0\x09", 9)) == begin + "the file ends within the header");
    BOOST_TEST(load(std::string("\x93NUMPY\x02\0\x09\0\0", 11)) == begin + "the file ends within the header");
    BOOST_TEST(load(std::string("\x93NUMPY\x01\0\xff\xff", 10)) == begin + "the file ends within the header");
    BOOST_TEST(load(std::string("\x93NUMPY\x01\0\x00\x00", 10)) == python + "a dictionary expected at character 0");
    BOOST_TEST(load(std::string("\x93NUMPY\x04\0\0\0\0\0", 12)) == begin + "version 4.0 of the .npy format is not known");
    BOOST_TEST(load(std::string("\x93NUMPY\x01\x07\0\0\0\0", 12)) == begin + "version 1.7 of the .npy format is not known");
    BOOST_TEST(load(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff", 12)) == begin + "a header of 4294967295 bytes is longer than that of any array");

    BOOST_TEST(load(npy("[]")) == python + "a dictionary expected at character 0");
    BOOST_TEST(load(npy("{")) == python + "a string expected at character 1");
    BOOST_TEST(load(npy("{'descr")) == python + "the end of the string expected at character 1");
    BOOST_TEST(load(npy("{'descr' '<f4'}")) == python + "a colon expected at character 9");
    BOOST_TEST(load(npy("{'descr': '<f4' 'shape': ()}")) == python + "a comma expected at character 16");
    BOOST_TEST(load(npy("{'descr': '<f4', 'descr': '<f4'}")) == python + "another key expected at character 24");
    BOOST_TEST(load(npy("{'size': 7}")) == python + "another key expected at character 7");
    BOOST_TEST(load(npy("{'descr': '<f4', 'shape': ()}")) == python + "a key that is missing expected at character 29");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "()") + "0", 4)) == python + "the end expected at character 56");
    BOOST_TEST(load(npy(dictionary("'<f4'", "0", "()"), 4)) == python + "True or False expected at character 34");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "2"), 8)) == python + "a shape expected at character 50");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(2)"), 8)) == python + "a comma expected at character 52");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(2, -1)"), 8)) == python + "an extent expected at character 54");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "((((2"), 8)) == python + "an extent expected at character 51");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(99999999999999999999,)"), 8)) == python + "an extent expected at character 51");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(2,"))) == python + "an extent expected at character 53");
    BOOST_TEST(load(npy(std::string(60000, '('))) == python + "a dictionary expected at character 0");
    BOOST_TEST(load(npy("{'descr': " + std::string(60000, '['))) == begin + "the elements are structures, which no array holds");
}

BOOST_AUTO_TEST_CASE(types_and_shapes) {
    const support::folder folder;
    const std::string path = folder / "x.npy", begin = "load: x.npy: ";
    const auto load = [&](const std::string& bytes) {
        write_file(path, bytes);
        return message(folder, [&] { static_cast<void>(sn::load<float>(path)); });
    };
    BOOST_TEST(load(npy(dictionary("'<f8'", "False", "(2,)"), 16)) == begin + "the elements are of type '<f8', not float32");
    BOOST_TEST(load(npy(dictionary("'>i4'", "False", "(2,)"), 8)) == begin + "the elements are of type '>i4', not float32");
    BOOST_TEST(load(npy(dictionary("'|O'", "False", "(2,)"), 16)) == begin + "the elements are of type '|O', not float32");
    BOOST_TEST(load(npy(dictionary("''", "False", "(2,)"), 16)) == begin + "the elements are of type '', not float32");
    BOOST_TEST(load(npy(dictionary("[('a', '<f4')]", "False", "(2,)"), 8)) == begin + "the elements are structures, which no array holds");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 4)) == begin + "the array has more than 8 dimensions");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(2, 3)"), 23)) == begin + "the shape (2, 3) of float32 takes 24 bytes, the file has 23");
    BOOST_TEST(load(npy(dictionary("'<f4'", "True", "(1000000, 1000000)"), 24)) ==
               begin + "the shape (1000000, 1000000) of float32 takes 4000000000000 bytes, the file has 24");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(4611686018427387904, 4)"), 24)) ==
               begin + "the shape (4611686018427387904, 4) has more bytes than can be addressed");
    BOOST_TEST(load(npy(dictionary("'<f4'", "False", "(0, 4611686018427387904, 4)"), 24)) ==
               begin + "the shape (0, 4611686018427387904, 4) has more bytes than can be addressed");
    write_file(path, npy(dictionary("'<f4'", "False", "(2,)"), 8));
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load<bool>(path)); }) == begin + "the elements are of type '<f4', not bool");
}

BOOST_AUTO_TEST_CASE(files_that_are_no_files) {
    const support::folder folder;
    const std::string none = folder / "none.npy", pipe = folder / "pipe", inside = folder / "none/x.npy", link = folder / "link";
    BOOST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    BOOST_REQUIRE(::symlink("pipe", link.c_str()) == 0);
    const sn::array<float> x{1, 2};
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load<float>(none)); }) == "load: none.npy: No such file or directory");
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load_npz<float>(none, "x")); }) == "load_npz: none.npy: No such file or directory");
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::npz_names(none)); }) == "npz_names: none.npy: No such file or directory");
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load<float>(pipe)); }) == "load: pipe: this is not a regular file");
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load<float>(folder.path())); }) == "load: " + folder.path() + ": this is not a regular file");
    // The system says 4096 bytes and gives fewer.
    const std::string lies = "/sys/devices/system/cpu/kernel_max";
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load<float>(lies)); }) == "load: " + lies + ": the file became shorter while it was read");
    BOOST_TEST(message(folder, [&] { sn::save(inside, x); }) == "save: none/x.npy: No such file or directory");
    BOOST_TEST(message(folder, [&] { sn::save(pipe, x); }) == "save: pipe: what is there is not a regular file");
    BOOST_TEST(message(folder, [&] { sn::save(link, x); }) == "save: link: what is there is not a regular file");
    BOOST_TEST(message(folder, [&] { sn::save_npz(inside, {{"x", x}}); }) == "save_npz: none/x.npy: No such file or directory");
    BOOST_TEST((folder.names() == std::vector<std::string>{"link", "pipe"}));
}

BOOST_AUTO_TEST_CASE(no_room_leaves_the_old_file) {
    const support::folder folder;
    const std::string path = folder / "x.npy", archive = folder / "x.npz";
    sn::save(path, sn::array<float>{1, 2});
    sn::save_npz(archive, {{"x", sn::array<float>{1, 2}}});
    // Files of this process may have so many bytes.
    struct rlimit before {};
    BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    struct rlimit small = before;
    small.rlim_cur = 10000;
    const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
    BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const std::string one = message(folder, [&] { sn::save(path, sn::ones<float>({10000})); });
    const std::string many = message(folder, [&] { sn::save_npz(archive, {{"x", sn::ones<float>({10000})}}); });
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, ignored);
    BOOST_TEST(one == "save: x.npy: File too large");
    BOOST_TEST(many == "save_npz: x.npz: File too large");
    support::check(sn::load<float>(path), {2}, {1, 2});
    support::check(sn::load_npz<float>(archive, "x"), {2}, {1, 2});
    BOOST_TEST((folder.names() == std::vector<std::string>{"x.npy", "x.npz"}));
}

BOOST_AUTO_TEST_CASE(archives) {
    const support::folder folder;
    const std::string path = folder / "x.npz", begin = "load_npz: x.npz: ";
    const sn::array<float> x{1, 2, 3};
    sn::save_npz(path, {{"a", x}, {"b", x}});
    const std::string good = read_file(path);
    const auto load = [&](const std::string& bytes, const char* name = "a") {
        write_file(path, bytes);
        return message(folder, [&] { static_cast<void>(sn::load_npz<float>(path, name)); });
    };
    const auto with = [&](std::size_t at, const std::string& bytes) { return std::string(good).replace(at, bytes.size(), bytes); };
    const std::size_t directory = good.find("PK\x01\x02"), end = good.find("PK\x05\x06");
    const std::string damaged = "the directory of the archive is damaged";
    BOOST_REQUIRE(load(good) == "nothing");
    BOOST_REQUIRE(load(good + "text behind it") == "nothing");

    BOOST_TEST(load(good, "c") == begin + "there is no array 'c'; there are a, b");
    BOOST_TEST(load("") == begin + "this is not a .npz file: the end of an archive is missing");
    BOOST_TEST(load(std::string(100, '\0')) == begin + "this is not a .npz file: the end of an archive is missing");
    BOOST_TEST(load(good.substr(0, good.size() - 1)) == begin + "this is not a .npz file: the end of an archive is missing");
    BOOST_TEST(load(good.substr(1)) == begin + damaged);
    BOOST_TEST(load(with(end + 10, "\x03")) == begin + damaged);
    BOOST_TEST(load(with(end + 12, "\xff\xff\xff\x7f")) == begin + damaged);
    BOOST_TEST(load(with(end + 16, "\xff\xff\xff\x7f")) == begin + damaged);
    BOOST_TEST(load(with(end + 16, "\xff\xff\xff\xff")) == begin + damaged);
    BOOST_TEST(load(with(directory, "QK")) == begin + damaged);
    BOOST_TEST(load(with(directory + 28, "\xff\xff")) == begin + damaged);
    BOOST_TEST(load(with(directory + 42, "\xff\xff\xff\x7f")) == begin + "a: " + damaged);
    BOOST_TEST(load(with(directory + 42, "\x01")) == begin + "a: " + damaged);
    BOOST_TEST(load(with(directory + 24, "\xff\xff\xff\x7f")) == begin + "a: " + damaged);
    BOOST_TEST(load(with(directory + 16, "\x01\x02\x03\x04")) == begin + "a: the member is damaged: its checksum is wrong");
    BOOST_TEST(load(with(directory + 8, "\x01")) == begin + "a: the member is encrypted");
    BOOST_TEST(load(with(directory + 10, "\x08")) ==
               begin + "a: the member is compressed, as numpy.savez_compressed does (method 8); only what numpy.savez writes can be read");
    write_file(path, good);
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load_npz<double>(path, "b")); }) == begin + "b: the elements are of type '<f4', not float64");
    sn::save_npz(path, {});
    BOOST_TEST(message(folder, [&] { static_cast<void>(sn::load_npz<float>(path, "a")); }) == begin + "there is no array 'a'; the archive is empty");

    const auto save = [&](const std::vector<sn::npz_entry>& entries) { return message<sn::value_error>(folder, [&] { sn::save_npz(path, entries); }); };
    BOOST_TEST(save({{"", x}}) == "save_npz: a name has 0 characters, not 1 to 60000");
    BOOST_TEST(save({{"a", x}, {"a.npy", x}}) == "save_npz: the name 'a.npy' is given twice");
}

/// Whatever the bytes are: an array or an io_error.
template <class F>
void survives(std::string bytes, const std::string& path, unsigned seed, const F& use) {
    std::mt19937 random(seed);
    const std::string good = bytes;
    int errors = 0, arrays = 0;
    for (int trial = 0; trial < 4000; ++trial) {
        bytes = good;
        for (unsigned n = random() % 4; n < 4; ++n) {
            const std::size_t at = random() % bytes.size();
            switch (random() % 5) {
                case 0: bytes[at] = static_cast<char>(random()); break;
                case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8)); break;
                case 2: bytes.replace(at, 1, "\xff\xff\xff\xff"); break;
                case 3: bytes.insert(at, 1, "()[]{}',:0123456789-"[random() % 20]); break;
                default: bytes.resize(at + 1); break;
            }
        }
        write_file(path, bytes);
        try {
            use();
            ++arrays;
        } catch (const sn::io_error&) {
            ++errors;
        }
    }
    // Some changes are outside of what counts.
    BOOST_TEST(errors > 100);
    BOOST_TEST(arrays > 10);
}

BOOST_AUTO_TEST_CASE(damaged_files) {
    const support::folder folder;
    const std::string path = folder / "x.npy", archive = folder / "x.npz";
    const sn::array<std::int16_t> x = sn::arange<std::int16_t>(300).reshape({3, 5, 20});
    for (const bool fortran : {false, true}) {
        sn::save(path, fortran ? sn::array<std::int16_t>(x.transpose()) : x);
        survives(read_file(path), path, 5, [&] {
            const sn::array<std::int16_t> y = sn::load<std::int16_t>(path);
            static_cast<void>(sn::sum(y).item());
        });
    }
    sn::save_npz(archive, {{"a", x}, {"b", x(sn::all, 0)}});
    survives(read_file(archive), archive, 6, [&] {
        for (const std::string& name : sn::npz_names(archive)) static_cast<void>(sn::sum(sn::load_npz<std::int16_t>(archive, name)).item());
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
