// The public interface in one page, without a test framework.

#include <sinter/sinter.hpp>

#include <cstdint>
#include <iostream>
#include <vector>

namespace sn = sinter;

namespace {

int failures = 0;

void expect(bool good, const char* what) {
    if (good) return;
    ++failures;
    std::cout << "FAILED " << what << '\n';
}

}  // namespace

int main() {
    const sn::array<float> m{{1, 2, 3}, {4, 5, 6}};
    const sn::array<float> scaled = 2.0f * m + sn::array<float>{10, 20, 30};
    const sn::array<float> rows = sn::sum(scaled, {.axis = 1});
    sn::eval(scaled, rows);
    expect(scaled.to_vector() == std::vector<float>{12, 24, 36, 18, 30, 42}, "an elementwise statement");
    expect(rows.to_vector() == std::vector<float>{72, 90}, "a reduction");

    sn::array<float> x = sn::arange<float>(8);
    const sn::array<float> before = x;
    x(sn::range(1, -1)) = 0.5f * (x(sn::range(0, -2)) + x(sn::range(2, {})));
    x(0) = -1.0f;
    expect(x.to_vector() == std::vector<float>{-1, 1, 2, 3, 4, 5, 6, 7}, "writing through views");
    expect(before(0) == 0.0f, "a copy is a copy");

    auto [low, high] = sn::fn([](auto v) { return std::tuple{minimum(v, 3.0f), maximum(v, 3.0f)}; })(x);
    expect(sn::sum(low + high).item() == 8 * 3.0f + sn::sum(x).item(), "a function with two results");

    std::vector<std::uint8_t> bytes(8);
    sn::eval(sn::to(bytes, sn::cast<std::uint8_t>(sn::where(x > 3.5f, x * 10.0f, 0.0f))));
    expect(bytes == std::vector<std::uint8_t>{0, 0, 0, 0, 40, 50, 60, 70}, "straight into the caller's memory");

    try {
        static_cast<void>((m + sn::array<float>{1, 2}).eval());
        expect(false, "shapes that do not fit");
    } catch (const sn::shape_error&) {}
    std::cout << (failures == 0 ? "good\n" : "bad\n");
    return failures == 0 ? 0 : 1;
}
