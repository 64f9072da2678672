#include "runtime/calibrate.hpp"

#include "runtime/kernel_cache.hpp"
#include "runtime/pages.hpp"
#include "runtime/stopwatch.hpp"
#include "runtime/threads.hpp"

#include <sinter/array.hpp>
#include <sinter/factories.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <new>
#include <string>
#include <thread>

namespace sinter::inline v1::detail::runtime {

namespace calibration {

namespace {

/// Seconds for the first touch of a page.
[[nodiscard]] double page_fault(std::size_t page, std::size_t pages, bool huge) {
    double least = 0;
    for (int i = 0; i < 3; ++i) {
        const std::size_t bytes = page * pages;
        auto* const memory = static_cast<volatile std::byte*>(map_pages(bytes, huge ? huge_page_bytes : page_bytes, huge ? page_kind::advised : page_kind::usual));
        if (memory == nullptr) throw std::bad_alloc{};
        const auto begin = std::chrono::steady_clock::now();
        for (std::size_t at = 0; at < bytes; at += page) memory[at] = std::byte{1};
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        unmap_pages(const_cast<std::byte*>(memory), bytes);
        if (i == 0 || took < least) least = took;
    }
    return least / static_cast<double>(pages);
}

[[nodiscard]] double empty_region(int threads) {
    return seconds_of([&] { parallel_on(threads, threads, [](int) {}); }, 0, 1);
}

/// An empty parallel region after the threads have gone to sleep.
[[nodiscard]] double region_after_sleep(int threads) {
    std::array<double, 5> all{};
    for (double& one : all) {
        std::this_thread::sleep_for(std::chrono::milliseconds{15});
        const auto begin = std::chrono::steady_clock::now();
        parallel_on(threads, threads, [](int) {});
        one = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    std::nth_element(all.begin(), all.begin() + all.size() / 2, all.end());
    return all[all.size() / 2];
}

}  // namespace

void measure_system(plan::machine& m, const std::atomic<bool>& stop) {
    m.page_fault_seconds_4k = page_fault(page_bytes, 512, false);
    m.page_fault_seconds_huge = page_fault(huge_page_bytes, 8, true);
    check(stop);
    if (m.threads > 1) {
        static_cast<void>(empty_region(m.threads));
        m.wake_seconds_hot = seconds_of([&] { parallel_on(m.threads, m.threads, [](int) {}); }, 200e-6, 9);
        m.wake_seconds_idle = std::max(region_after_sleep(m.threads), m.wake_seconds_hot);
    }

    check(stop);
    codegen::kernel k;
    k.inputs.push_back({.type = dtype::f32});
    k.code.push_back({.code = codegen::code_load, .type = dtype::f32});
    k.outputs.push_back({.type = dtype::f32, .value = 0});
    std::string declined;
    const codegen::executable_ptr code = make_code(k, m.best, declined);
    alignas(64) std::array<std::byte, 128> memory{};
    std::array<std::byte*, 2> pointers{memory.data(), memory.data() + 64};
    const std::array<index_t, 2> none{};
    const codegen::frame f{.pointers = pointers.data(), .row_strides = none.data(), .inner_strides = none.data(), .params = nullptr, .rows = 1, .n = 16};
    m.kernel_call_seconds = seconds_of([&] { code->run(f); }, 20e-6, 9);

    sinter::array<float> x = sinter::ones<float>({16});
    x.eval();
    const double statement = seconds_of(
        [&] {
            sinter::array<float> y = 0.5F * x + x;
            y.eval();
        },
        50e-6, 9);
    m.statement_seconds = std::max(statement - m.kernel_call_seconds, 0.0);
}

}  // namespace calibration

namespace {

[[nodiscard]] std::string now() {
    const std::time_t t = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    std::array<char, 32> text{};
    if (::gmtime_r(&t, &utc) == nullptr) return "an unknown day";
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%MZ", &utc)};
}

}  // namespace

plan::machine calibrate(const plan::machine& known, const std::atomic<bool>& stop) {
    plan::machine m = known;
    calibration::measure_system(m, stop);
    calibration::measure_traffic(m, stop);
    calibration::measure_operations(m, stop);
    m.measured = now();
    return m;
}

}  // namespace sinter::inline v1::detail::runtime
