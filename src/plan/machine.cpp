#include "plan/machine.hpp"

#include "base/affinity.hpp"
#include "base/system_file.hpp"

#include <cpuid.h>
#if __has_include(<sys/platform/x86.h>)
// The header writes C's word for bool, which clang does not know in C++.
#define _Bool bool
#include <sys/platform/x86.h>
#undef _Bool
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

namespace sinter::inline v1::detail::plan {

namespace {

struct registers {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

/// Asked once for each leaf: in a virtual machine the instruction leaves for the hypervisor, which takes microseconds.
/// The processor must have the leaf.
[[nodiscard]] registers ask(unsigned leaf, unsigned subleaf = 0) noexcept {
    struct answer {
        unsigned leaf, subleaf;
        registers r;
    };
    static constinit std::mutex mutex;
    static constinit std::array<answer, 40> known{};
    static constinit std::size_t count = 0;
    {
        const std::lock_guard lock{mutex};
        for (std::size_t k = 0; k < count; ++k) {
            if (known[k].leaf == leaf && known[k].subleaf == subleaf) return known[k].r;
        }
    }
    registers r{};
    __cpuid_count(leaf, subleaf, r.a, r.b, r.c, r.d);
    const std::lock_guard lock{mutex};
    if (count < known.size()) known[count++] = {leaf, subleaf, r};
    return r;
}

/// The leaves that glibc has asked for when the process started, with the same bits.
[[nodiscard]] std::optional<registers> known_to_libc(unsigned leaf) noexcept {
#if __has_include(<sys/platform/x86.h>)
    const int index = leaf == 1 ? CPUID_INDEX_1 : leaf == 7 ? CPUID_INDEX_7 : leaf == 0x80000001 ? CPUID_INDEX_80000001 : -1;
    if (index < 0) return std::nullopt;
    const unsigned* const r = ::__x86_get_cpuid_feature_leaf(static_cast<unsigned>(index))->cpuid_array;
    return registers{r[0], r[1], r[2], r[3]};
#else
    static_cast<void>(leaf);
    return std::nullopt;
#endif
}

/// Zeros if the processor does not have the leaf.
[[nodiscard]] registers cpuid(unsigned leaf, unsigned subleaf = 0) noexcept {
    if (const auto known = known_to_libc(leaf)) return *known;
    const unsigned base = leaf & 0x80000000U;
    return leaf == base || leaf <= ask(base).a ? ask(leaf, subleaf) : registers{};
}

[[nodiscard]] constexpr bool bit(unsigned word, int i) noexcept { return ((word >> i) & 1U) != 0; }

/// Which register states the system saves when it switches threads.
[[nodiscard]] std::uint64_t saved_state() noexcept {
    unsigned low = 0;
    unsigned high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (std::uint64_t{high} << 32) | low;
}

[[nodiscard]] isa widest_isa() noexcept {
    const registers one = cpuid(1);
    const registers seven = cpuid(7);
    const bool avx2 = bit(one.c, 27) /* xgetbv may be used */ && bit(one.c, 28) /* AVX */ && bit(one.c, 12) /* FMA */ && bit(one.c, 29) /* F16C */ &&
                      bit(seven.b, 5) /* AVX2 */ && bit(seven.b, 8) /* BMI2 */;
    constexpr std::uint64_t ymm = 0x06;
    constexpr std::uint64_t zmm = 0xe6;
    if (!avx2 || (saved_state() & ymm) != ymm) {
        return isa::portable;
    }
    const bool avx512 =
        bit(seven.b, 16) /* F */ && bit(seven.b, 17) /* DQ */ && bit(seven.b, 28) /* CD */ && bit(seven.b, 30) /* BW */ && bit(seven.b, 31) /* VL */;
    return avx512 && (saved_state() & zmm) == zmm ? isa::avx512 : isa::avx2;
}

enum class vendor : std::uint8_t { intel, amd, other };

struct model {
    vendor made_by = vendor::other;
    unsigned family = 0;
};

[[nodiscard]] model cpu_model() noexcept {
    const registers zero = cpuid(0);
    const registers one = cpuid(1);
    model m;
    m.made_by = zero.c == signature_AMD_ecx ? vendor::amd : zero.c == signature_INTEL_ecx ? vendor::intel : vendor::other;
    m.family = (one.a >> 8) & 0xf;
    m.family += m.family == 0xf ? (one.a >> 20) & 0xff : 0;
    return m;
}

/// Rates of one core for one instruction set. Cache rates are those of y = a*x + z, bytes per cycle.
struct core_rates {
    double ops, fma, loads, stores, div, sqrt;
    double l1, l2, l3;
};

constexpr unsigned zen_5 = 0x1a;

/// Zen 5: measured (4.1 GHz: 514, 195 and 120 GB/s in the three caches). The others: the makers' optimisation guides and
/// uops.info for the units; caches in proportion to what a core can move in a cycle.
[[nodiscard]] core_rates rates_of(const model& m, isa set) noexcept {
    if (m.made_by == vendor::amd && m.family >= zen_5) {
        switch (set) {
            case isa::avx512: return {4, 2, 2, 1, 2.5, 4.4, 125, 47, 29};
            case isa::avx2: return {4, 2, 2, 1, 2.5, 4.4, 80, 42, 28};
            case isa::portable: return {4, 0, 2, 1, 2.5, 4.4, 44, 34, 24};
        }
    }
    if (m.made_by == vendor::amd) {
        // Zen 4 runs 512-bit operations in two halves; Zen 2 and 3 are its AVX2 row.
        switch (set) {
            case isa::avx512: return {2, 1, 1, 0.5, 7, 10, 75, 36, 22};
            case isa::avx2: return {4, 2, 2, 1, 3.5, 5, 75, 36, 22};
            case isa::portable: return {4, 0, 2, 1, 3, 5, 44, 30, 20};
        }
    }
    switch (set) {
        case isa::avx512: return {2, 2, 2, 1, 10, 18, 110, 38, 12};
        case isa::avx2: return {3, 2, 2, 1, 5, 6, 70, 32, 12};
        case isa::portable: return {3, 0, 2, 1, 3, 3, 40, 26, 12};
    }
    return {};
}

[[nodiscard]] double clock_of(const model& m) {
    const std::string khz = base::read_system_file("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq");
    if (std::string_view text = khz; const auto n = base::take_number<std::int64_t>(text)) {
        if (*n > 0) return static_cast<double>(*n) * 1e3;
    }
    if (m.made_by == vendor::intel) {
        // Base and highest clock in MHz. All cores at work stay between the two.
        if (const registers r = cpuid(0x16); (r.a & 0xffff) != 0 && (r.b & 0xffff) != 0) {
            return 0.5e6 * static_cast<double>((r.a & 0xffff) + (r.b & 0xffff));
        }
    }
    return m.made_by == vendor::amd && m.family >= zen_5 ? 4.1e9 : 3.5e9;
}

[[nodiscard]] int allowed_threads() { return static_cast<int>(base::allowed_cpus().size()); }

/// How many numbers the list in a file names.
[[nodiscard]] int count_list(const char* file) { return std::max(static_cast<int>(base::parse_list(base::read_system_file(file)).size()), 1); }

/// The data caches as the processor tells them, by leaf 4 (Intel) or 0x8000001d (AMD): microseconds, where /sys takes some hundred of them.
/// False if it does not tell.
[[nodiscard]] bool caches_by_cpuid(machine& m) noexcept {
    // With this bit the processor has that leaf.
    const bool amd = bit(cpuid(0x80000001).c, 22);
    if (!amd && ask(0).a < 4) return false;
    bool found = false;
    unsigned of_core = 1;  // logical processors
    for (unsigned index = 0; index < 8; ++index) {
        const registers r = ask(amd ? 0x8000001d : 4, index);
        const unsigned type = r.a & 0x1fU;
        if (type == 0) break;
        if (type == 2) continue;  // instructions
        const std::size_t bytes = std::size_t{((r.b >> 22U) & 0x3ffU) + 1} * (((r.b >> 12U) & 0x3ffU) + 1) * ((r.b & 0xfffU) + 1) * (r.c + 1);
        const unsigned number = (r.a >> 5U) & 7U;
        machine::cache_level& level = number == 1 ? m.l1 : number == 2 ? m.l2 : m.l3;
        level.bytes = bytes;
        // By logical processors, of which a core may have several, as many as share its first cache: a guest's two may as well be two cores.
        const unsigned sharing = ((r.a >> 14U) & 0xfffU) + 1;
        if (number == 1) of_core = sharing;
        level.shared = sharing > of_core;
        found = true;
        if (amd && number == 3) break;  // the last one that these have
    }
    return found;
}

/// The data caches of the first processor. Where there is no /sys: those of about any processor with AVX2.
void read_caches(machine& m) {
    m.l1 = {.bytes = 32 * 1024, .shared = false};
    m.l2 = {.bytes = 512 * 1024, .shared = false};
    m.l3 = {.bytes = 8 * 1024 * 1024, .shared = true};
    if (caches_by_cpuid(m)) {
        return;
    }
    const int threads_of_a_core = count_list("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
    bool first = true;
    for (int index = 0; index < 8; ++index) {
        const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
        const auto number = [&](const char* file) {
            const std::string text = base::read_system_file((folder + file).c_str());
            std::string_view rest = text;
            return base::take_number<std::int64_t>(rest);
        };
        const auto level = number("level"), kib = number("size");
        const std::string type = base::read_system_file((folder + "type").c_str());
        if (!level || !kib || type.empty()) {
            break;
        }
        if (type.starts_with("Instruction") || *level < 1 || *level > 3) {
            continue;
        }
        if (std::exchange(first, false)) {
            m.l2 = m.l3 = {};
        }
        auto& into = *level == 1 ? m.l1 : *level == 2 ? m.l2 : m.l3;
        into.bytes = static_cast<std::size_t>(*kib) * 1024;
        into.shared = count_list((folder + "shared_cpu_list").c_str()) > threads_of_a_core;
    }
}

void apply_rates(machine& m, isa set) {
    const core_rates r = rates_of(cpu_model(), set);
    m.best = set;
    m.vector_bytes = set == isa::avx512 ? 64 : set == isa::avx2 ? 32 : 16;
    m.vector_ops_per_cycle = r.ops;
    m.fma_per_cycle = r.fma;
    m.loads_per_cycle = r.loads;
    m.stores_per_cycle = r.stores;
    m.div_cycles_per_vector = r.div;
    m.sqrt_cycles_per_vector = r.sqrt;
    m.l1.bandwidth = r.l1 * m.clock_hz;
    m.l2.bandwidth = m.l2.bytes != 0 ? r.l2 * m.clock_hz : 0;
    m.l3.bandwidth = m.l3.bytes != 0 ? r.l3 * m.clock_hz : 0;
}

/// One thread gets 42 GB/s where it was measured (Zen 5), and two get 49 to 78. An older core keeps fewer misses in
/// flight. Many threads reach what the memory of their nodes gives, about five times one thread's share for each.
void guess_memory(machine& m, const model& cpu) {
    const bool recent = cpu.made_by == vendor::amd && cpu.family >= zen_5;
    m.memory_bandwidth_one = recent ? 42e9 : m.best == isa::avx512 ? 20e9 : 16e9;
    double factor = 0.75 * m.threads;
    // One node is enough for few threads, so that those need not ask.
    if (factor > 5) factor = std::min(factor, 5.0 * numa_nodes());
    m.memory_bandwidth_all = m.memory_bandwidth_one * std::max(1.0, factor);
    m.streaming_gain = 1.35;
    if (cpu.made_by == vendor::intel) m.far_ahead = 1024;
}

}  // namespace

const char* name_of(isa set) noexcept {
    switch (set) {
        case isa::avx512: return "avx512";
        case isa::avx2: return "avx2";
        case isa::portable: break;
    }
    return "portable";
}

std::string processor_name() {
    if (cpuid(0x80000000).a < 0x80000004) {
        return "x86-64";
    }
    std::array<char, 49> text{};
    for (unsigned i = 0; i < 3; ++i) {
        const registers r = cpuid(0x80000002 + i);
        std::memcpy(text.data() + 16 * i, &r, sizeof r);
    }
    std::string name = text.data();
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    return name.empty() ? "x86-64" : name;
}

std::string processor_model() {
    const registers zero = cpuid(0);
    const registers one = cpuid(1);
    std::array<char, 12> maker{};
    std::memcpy(maker.data(), &zero.b, 4);
    std::memcpy(maker.data() + 4, &zero.d, 4);
    std::memcpy(maker.data() + 8, &zero.c, 4);
    const unsigned high = (one.a >> 16U) & 0xfU;
    return std::string(maker.data(), maker.size()) + " " + std::to_string(cpu_model().family) + "." + std::to_string((high << 4U) | ((one.a >> 4U) & 0xfU)) +
           "." + std::to_string(one.a & 0xfU);
}

int numa_nodes() { return count_list("/sys/devices/system/node/online"); }

machine detect() {
    const model cpu = cpu_model();
    machine m;
    m.threads = allowed_threads();
    m.clock_hz = clock_of(cpu);
    read_caches(m);
    apply_rates(m, widest_isa());
    guess_memory(m, cpu);

    // Measured on a virtual machine of two cores. More threads take longer to reach, as they wake each other.
    const double pairs = std::max(1.0, m.threads / 2.0);
    m.wake_seconds_hot = 0.4e-6 * (1 + 0.1 * (pairs - 1));
    m.wake_seconds_idle = 50e-6 * (1 + 0.1 * (pairs - 1));
    m.kernel_call_seconds = 10e-9;
    m.page_fault_seconds_4k = 1.26e-6;
    m.page_fault_seconds_huge = 105e-6;
    m.statement_seconds = 30e-9;
    m.compile_seconds = 1e-6;
    m.compile_seconds_per_instruction = 0.14e-6;
    return m;
}

const machine& host() {
    // Never destroyed: it may be asked from the end of a static object.
    static const machine& one = *std::make_unique<const machine>(detect()).release();
    return one;
}

machine limited_to(machine m, isa set) {
    if (set != m.best) {
        apply_rates(m, set);
    }
    return m;
}

}  // namespace sinter::inline v1::detail::plan
