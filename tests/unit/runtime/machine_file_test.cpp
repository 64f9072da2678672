#include "runtime/machine_file.hpp"

#include "plan/machine_text.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace pl = sinter::detail::plan;
namespace rt = sinter::detail::runtime;
namespace fs = std::filesystem;

class temporary_folder {
public:
    temporary_folder() {
        std::string name = (fs::temp_directory_path() / "sinter-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() { fs::remove_all(path_); }

    [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }
    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

private:
    fs::path path_;
};

[[nodiscard]] pl::machine measured() {
    pl::machine m = pl::detect();
    m.measured = "2026-01-31T12:00Z";
    m.memory_one = {.read = 1e10 / 3, .columns = 2e9, .triad = 3e9, .copy = 4e9, .write = 5e9};
    m.cycles[0][0] = 0.7F;
    return m;
}

void check_refused(const std::string& text, const pl::machine& like, const std::string& reason) {
    std::string why;
    BOOST_TEST(!rt::unsealed(text, like, why).has_value());
    BOOST_TEST(why.find(reason) != std::string::npos, "\"" << why << "\" does not say " << reason);
}

[[nodiscard]] std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(machine_file)

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
    const temporary_folder folder;
    const std::string file = folder.file("deep/er/machine.txt");
    const pl::machine m = measured();
    std::string why;
    BOOST_TEST(!rt::read_machine(file, m, why).has_value());
    BOOST_TEST(why.empty());
    BOOST_REQUIRE(rt::write_machine(file, m, why));
    const auto again = rt::read_machine(file, m, why);
    BOOST_REQUIRE(again.has_value());
    BOOST_TEST((*again == m));
    // And over what is there.
    pl::machine other = m;
    other.statement_seconds *= 2;
    BOOST_REQUIRE(rt::write_machine(file, other, why));
    BOOST_TEST((*rt::read_machine(file, m, why) == other));
    BOOST_TEST(why.empty());
}

BOOST_AUTO_TEST_CASE(any_damage_is_refused) {
    const pl::machine m = measured();
    const std::string good = rt::sealed(m);
    std::string why;
    BOOST_REQUIRE(rt::unsealed(good, m, why).has_value());
    // Cut off anywhere, and any byte changed.
    for (std::size_t n = 0; n < good.size(); ++n) {
        why.clear();
        BOOST_REQUIRE_MESSAGE(!rt::unsealed(std::string_view(good).substr(0, n), m, why).has_value(), "the first " << n << " bytes pass");
        BOOST_REQUIRE(!why.empty());
    }
    for (std::size_t n = 0; n < good.size(); n += 7) {
        std::string bad = good;
        bad[n] = static_cast<char>(bad[n] ^ 1);
        BOOST_REQUIRE_MESSAGE(!rt::unsealed(bad, m, why).has_value(), "passes with byte " << n << " changed");
    }
    check_refused(good + "\n", m, "checksum");
    check_refused(good + good, m, "");
    check_refused("", m, "cut off");
    check_refused(std::string(100000, '\0'), m, "cut off");
}

BOOST_AUTO_TEST_CASE(other_machines_are_refused) {
    const pl::machine m = measured();
    pl::machine other = m;
    other.threads += 1;
    check_refused(rt::sealed(other), m, "number of threads");
    other = m;
    other.best = m.best == pl::isa::portable ? pl::isa::avx2 : pl::isa::portable;
    check_refused(rt::sealed(other), m, "instruction set");
    other = m;
    other.l2.bytes *= 2;
    check_refused(rt::sealed(other), m, "caches");
    other = m;
    other.l3.shared = !m.l3.shared;
    check_refused(rt::sealed(other), m, "caches");

    // With a right checksum, but of another library, another processor, or not a machine.
    const auto resealed = [](std::string text) {
        text.erase(text.rfind("# checksum "));
        std::uint64_t h = 0xcbf29ce484222325ULL;
        for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        std::ostringstream sum;
        sum << std::hex << h;
        return text + "# checksum " + sum.str() + "\n";
    };
    const std::string good = rt::sealed(m);
    std::string why;
    BOOST_REQUIRE(rt::unsealed(resealed(good), m, why).has_value());
    check_refused(resealed(replaced(good, "version 4", "version 0")), m, "version");
    // From before the last cache was measured, and with its lines.
    check_refused(resealed(replaced(good, "version 4", "version 3")), m, "version");
    check_refused(resealed(replaced(good, ", of ", ", of 9")), m, "version");
    check_refused(resealed(replaced(good, "# processor ", "# processor Another ")), m, "processor");
    check_refused(resealed(replaced(good, "threads ", "threads x")), m, "threads cannot be");
    check_refused(resealed(replaced(good, "clock_hz ", "clock_hz -")), m, "clock_hz cannot be");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_or_written_is_told) {
    const temporary_folder folder;
    const pl::machine m = measured();
    std::string why;
    // A folder where the file should be.
    const std::string file = folder.file("machine.txt");
    fs::create_directories(file);
    BOOST_TEST(!rt::read_machine(file, m, why).has_value());
    BOOST_TEST(why.find(file) != std::string::npos);
    why.clear();
    BOOST_TEST(!rt::write_machine(file, m, why));
    BOOST_TEST(why.find(file) != std::string::npos);
    // A file where the folder should be.
    const std::string in_file = folder.file("plain");
    std::ofstream{in_file} << "x";
    why.clear();
    BOOST_TEST(!rt::write_machine(in_file + "/machine.txt", m, why));
    BOOST_TEST(!why.empty());
    // Nothing is left lying about.
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) files += entry.path().extension() == ".new" ? 1 : 0;
    BOOST_TEST(files == 0U);
}

BOOST_AUTO_TEST_CASE(writers_and_readers_at_once_see_whole_files) {
    const temporary_folder folder;
    const std::string file = folder.file("machine.txt");
    const pl::machine m = measured();
    std::string why;
    BOOST_REQUIRE(rt::write_machine(file, m, why));
    std::vector<int> wrong(4, 0);
    {
        std::vector<std::jthread> all;
        for (std::size_t t = 0; t < wrong.size(); ++t) {
            all.emplace_back([&, t] {
                pl::machine own = m;
                own.statement_seconds = static_cast<double>(t + 1);
                for (int i = 0; i < 100; ++i) {
                    std::string reason;
                    if (t < 2 && !rt::write_machine(file, own, reason)) ++wrong[t];
                    if (!rt::read_machine(file, m, reason)) ++wrong[t];
                }
            });
        }
    }
    for (const int w : wrong) BOOST_TEST(w == 0);
    BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator{}) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
