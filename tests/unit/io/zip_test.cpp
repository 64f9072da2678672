#include "io/zip.hpp"

#include "support/folder.hpp"

#include <sinter/detail/error.hpp>

#include <boost/test/unit_test.hpp>

#include <cstring>

using namespace sinter::detail::io;

namespace {

[[nodiscard]] const std::byte* bytes_of(const std::string& text) { return reinterpret_cast<const std::byte*>(text.data()); }

BOOST_AUTO_TEST_SUITE(zip_test)

BOOST_AUTO_TEST_CASE(checksums) {
    const std::string digits = "123456789";
    BOOST_TEST(crc32(bytes_of(digits), 9) == 0xcbf43926u);  // the check value of the catalogues of CRCs
    BOOST_TEST(crc32(nullptr, 0) == 0u);
    const std::string text(1000, 'a');
    for (std::size_t cut = 0; cut <= 20; ++cut) {
        BOOST_TEST(crc32(bytes_of(text) + cut, text.size() - cut, crc32(bytes_of(text), cut)) == crc32(bytes_of(text), text.size()));
    }
}

/// What is written is found, at a multiple of 64; sizes and places of 32 bits, of 64 bits, and a mixture.
BOOST_AUTO_TEST_CASE(members_of_any_size) {
    const support::folder folder;
    const std::string path = folder / "x.zip";
    for (const std::uint64_t large_from : {std::uint64_t{0xffffffff}, std::uint64_t{0}, std::uint64_t{200}}) {
        std::vector<std::string> texts;
        {
            output_file file("test", path);
            zip_writer archive(file, large_from);
            for (std::size_t i = 0; i < 70; ++i) {
                texts.emplace_back(i * 7, static_cast<char>('a' + i % 26));
                archive.add(std::string(i + 1, 'n'), "head", bytes_of(texts.back()), texts.back().size());
            }
            archive.finish();
            file.commit();
        }
        const input_file file("test", path);
        const std::vector<zip_member> members = zip_members(file);
        BOOST_REQUIRE(members.size() == texts.size());
        for (std::size_t i = 0; i < members.size(); ++i) {
            BOOST_TEST(members[i].name == std::string(i + 1, 'n'));
            const auto [begin, end] = find_stored(file, members[i], "");
            BOOST_TEST(begin % 64 == 0u);
            std::string found(end - begin, '\0');
            file.read(found.data(), found.size(), begin);
            BOOST_TEST(found == "head" + texts[i]);
        }
    }
}

BOOST_AUTO_TEST_CASE(more_members_than_16_bits_count) {
    const support::folder folder;
    output_file file("test", folder / "x.zip");
    zip_writer archive(file);
    for (int i = 0; i < 65536; ++i) archive.add(std::to_string(i), "", nullptr, 0);
    archive.finish();
    file.commit();
    const std::vector<zip_member> members = zip_members(input_file("test", folder / "x.zip"));
    BOOST_REQUIRE(members.size() == 65536u);
    BOOST_TEST(members.back().name == "65535");
}

BOOST_AUTO_TEST_CASE(what_is_not_committed_leaves_nothing) {
    const support::folder folder;
    {
        output_file file("test", folder / "x");
        file.write("abc", 3);
        BOOST_TEST(folder.names().size() == 1u);
    }
    BOOST_TEST(folder.names().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
