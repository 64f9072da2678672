#include "jit_support.hpp"

#include <cstdlib>

using namespace sinter_test;

namespace {

std::uint64_t seed_of_run() {
    static const std::uint64_t seed = [] {
        const char* given = std::getenv("SINTER_TEST_SEED");
        return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    }();
    return seed;
}

int rounds(int usual) {
    const char* given = std::getenv("SINTER_TEST_ROUNDS");
    return given != nullptr ? std::atoi(given) : usual;
}

std::vector<shape> shapes_for(const kernel& k, random_source& r) {
    const index_t w = lanes_per_step(k, 64);
    const index_t lengths[] = {0, 1, w - 1, w, w + 1, 4 * w, 4 * w + 3, 63, 64, 65, 127, 255, 1000 + static_cast<index_t>(pick(r, 40))};
    std::vector<shape> shapes;
    for (const index_t n : lengths) {
        if (n >= 0) shapes.push_back({static_cast<index_t>(pick(r, 4)), n, pick(r, 4) != 0, pick(r, 2) == 0});
    }
    shapes.push_back({1, lengths[pick(r, std::size(lengths))], true, false});
    shapes.push_back({17, static_cast<index_t>(pick(r, 40)), true, true});
    return shapes;
}

void run_random(kernel_options options, int count, std::uint64_t salt) {
    const std::vector<dtype> all{dtype::f32, dtype::i32, dtype::u8, dtype::boolean, dtype::f64, dtype::i64, dtype::i8, dtype::i16, dtype::u16, dtype::u32, dtype::u64};
    const bool any = options.types.empty();
    for (int n = 0; n < rounds(count); ++n) {
        const std::uint64_t seed = seed_of_run() + salt * 1000003 + static_cast<std::uint64_t>(n);
        random_source r{seed};
        if (any) {
            options.types.clear();
            for (std::uint64_t t = 1 + pick(r, 3); t > 0; --t) options.types.push_back(all[pick(r, all.size())]);
        }
        options.operations = 1 + static_cast<int>(pick(r, 24));
        const kernel k = kernel_maker{r, options}.make();
        check_kernel(k, shapes_for(k, r), r, "SINTER_TEST_SEED=" + std::to_string(seed_of_run()) + " round " + std::to_string(n));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(jit_random)

BOOST_AUTO_TEST_CASE(maps_of_floats) { run_random({}, 150, 1); }
BOOST_AUTO_TEST_CASE(maps_of_any_type) { run_random({.types = {}}, 300, 2); }
BOOST_AUTO_TEST_CASE(maps_with_strides) { run_random({.types = {}, .strided = true}, 150, 3); }
BOOST_AUTO_TEST_CASE(row_reductions_of_floats) { run_random({.kind = kernel_kind::row_reduce}, 100, 4); }
BOOST_AUTO_TEST_CASE(row_reductions_of_any_type) { run_random({.types = {}, .strided = true, .kind = kernel_kind::row_reduce}, 200, 5); }
BOOST_AUTO_TEST_CASE(column_reductions_of_floats) { run_random({.kind = kernel_kind::column_reduce}, 100, 6); }
BOOST_AUTO_TEST_CASE(column_reductions_of_any_type) { run_random({.types = {}, .strided = true, .kind = kernel_kind::column_reduce}, 200, 7); }
BOOST_AUTO_TEST_CASE(streaming_maps) { run_random({.types = {}, .streaming = true}, 60, 8); }
BOOST_AUTO_TEST_CASE(primitives_only) { run_random({.types = {}, .last_code = 29}, 300, 9); }

BOOST_AUTO_TEST_SUITE_END()
