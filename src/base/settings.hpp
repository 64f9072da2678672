#pragma once

#include <sinter/settings.hpp>

#include <cstdint>

namespace sinter::inline v1::detail::base {

/// What SINTER_LOG asks for.
enum class log_level : std::uint8_t { off, plan, assembly };

/// What SINTER_ISA allows at most.
enum class isa_limit : std::uint8_t { portable, avx2, avx512 };

/// What SINTER_CHAINS asks for: whether launches run together, tile by tile or, pipelined, side by side.
enum class chain_use : std::uint8_t { by_cost, always, never, pipelined };

/// What SINTER_COMPILE asks for: whether small arrays wait for machine code, or run portable code while another thread makes it.
enum class compile_use : std::uint8_t { by_cost, now, background };

/// What SINTER_NUMA asks for: whether work and memory are shared by nodes where there are several, always, or never.
enum class numa_mode : std::uint8_t { automatic, force, off };

/// What SINTER_HUGE_PAGES asks for: nothing, to be told that large buffers should have them, or pages from the system's reserve.
enum class huge_page_use : std::uint8_t { off, advise, reserved };

/// The environment, read once. Throws settings_error, naming the variable, for a value that means nothing.
struct environment {
    log_level log = log_level::off;
    isa_limit isa = isa_limit::avx512;
    bool isa_given = false;
    bool plan_cache = true;
    bool disk_cache = true;
    chain_use chains = chain_use::by_cost;
    compile_use compile = compile_use::by_cost;
    numa_mode numa = numa_mode::automatic;
    bool pin = true;
    huge_page_use huge_pages = huge_page_use::advise;
};
[[nodiscard]] const environment& env();

/// The settings of the calling thread.
struct thread_options {
    int threads = 0;  // 0: as set_threads says
    sinter::precision precision = sinter::precision::standard;
};
[[nodiscard]] thread_options& current_options() noexcept;

}  // namespace sinter::inline v1::detail::base
