#include "plan/cost.hpp"
#include "runtime/calibrate.hpp"
#include "runtime/kernel_cache.hpp"
#include "runtime/pages.hpp"
#include "runtime/stopwatch.hpp"
#include "runtime/threads.hpp"

#include <sinter/detail/error.hpp>
#include <sinter/detail/primitives.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace sinter::inline v1::detail::runtime::calibration {

namespace {

using codegen::executable_ptr;
using codegen::instruction;
using codegen::kernel;

enum class pattern { read, columns, triad, copy, write };
constexpr std::array patterns{pattern::read, pattern::columns, pattern::triad, pattern::copy, pattern::write};

[[nodiscard]] constexpr std::size_t arrays_of(pattern p) noexcept { return p == pattern::triad ? 3 : p == pattern::copy ? 2 : 1; }

[[nodiscard]] double plan::traffic_rates::*field_of(pattern p) noexcept {
    switch (p) {
        case pattern::read: return &plan::traffic_rates::read;
        case pattern::columns: return &plan::traffic_rates::columns;
        case pattern::triad: return &plan::traffic_rates::triad;
        case pattern::copy: return &plan::traffic_rates::copy;
        default: return &plan::traffic_rates::write;
    }
}

[[nodiscard]] constexpr bool reads_only(pattern p) noexcept { return p == pattern::read || p == pattern::columns; }

/// sum(x) of rows or columns, y = a * x + z, y = a * x, y = a. With more links, y = a * (a * (... x) + a) + a, which computes more on the way.
[[nodiscard]] kernel kernel_of(pattern p, bool streaming, int links = 1) {
    kernel k;
    const auto add = [&](const instruction& i) {
        k.code.push_back(i);
        return static_cast<std::uint16_t>(k.code.size() - 1);
    };
    const auto load = [&](std::uint16_t i) {
        k.inputs.push_back({.type = dtype::f32});
        return add({.code = codegen::code_load, .type = dtype::f32, .a = i});
    };
    if (reads_only(p)) {
        k.kind = p == pattern::read ? codegen::kernel_kind::row_reduce : codegen::kernel_kind::column_reduce;
        const std::uint16_t x = load(0);
        k.reductions.push_back({.code = op::add::code, .value = x, .type = dtype::f32, .identity = 0});
        return k;
    }
    k.params.push_back(dtype::f32);
    std::uint16_t v = add({.code = codegen::code_param, .type = dtype::f32, .a = 0});
    const std::uint16_t a = v;
    if (p != pattern::write) {
        v = load(0);
        const std::uint16_t z = p == pattern::triad ? load(1) : a;
        for (int i = 0; i < links; ++i) {
            v = p == pattern::copy && links == 1 ? add({.code = op::multiply::code, .type = dtype::f32, .a = v, .b = a})
                                                 : add({.code = op::fma::code, .type = dtype::f32, .a = v, .b = a, .c = z});
        }
    }
    k.outputs.push_back({.type = dtype::f32, .streaming = streaming, .value = v});
    return k;
}

/// Memory of our own, as the pools have it.
class room {
public:
    explicit room(std::size_t bytes) : bytes_{(bytes + huge_page_bytes - 1) / huge_page_bytes * huge_page_bytes} {
        start_ = static_cast<std::byte*>(map_pages(bytes_, huge_page_bytes, page_kind::advised));
        if (start_ == nullptr) throw memory_error("calibrate: cannot allocate " + std::to_string(bytes_) + " bytes to measure with");
    }
    room(const room&) = delete;
    room& operator=(const room&) = delete;
    ~room() { unmap_pages(start_, bytes_); }

    [[nodiscard]] std::byte* data() const noexcept { return start_; }

private:
    std::size_t bytes_;
    std::byte* start_;
};

constexpr std::size_t stretch = 64 * 1024;  // bytes that a sum is given at a time, as the planner cuts them
constexpr std::size_t columns = 1024;       // of a matrix, in floats
constexpr std::size_t block = 256 * columns * sizeof(float);  // as many rows as the planner gives a kernel at a time

class measuring {
public:
    measuring(const plan::machine& m, const std::atomic<bool>& stop, int threads, std::size_t working_set)
        : m_{m}, stop_{stop}, threads_{threads}, working_set_{working_set}, memory_{(working_set + slack) * static_cast<std::size_t>(threads)} {
        // Each thread has its own part, on its own node, which no other one uses. Piece by piece, as somebody may be waiting for an end of it.
        constexpr std::size_t piece = std::size_t{16} << 20;
        for (std::size_t done = 0; done < each_part(); done += piece) {
            check(stop_);
            each_thread([&](int t) { std::fill_n(reinterpret_cast<float*>(part(t) + done), std::min(piece, each_part() - done) / sizeof(float), 0.75F); });
        }
    }

    /// Bytes per second of all threads where they touch so many bytes each.
    [[nodiscard]] double rate(pattern p, std::size_t bytes, bool streaming, int links = 1) {
        check(stop_);
        std::string declined;
        kernel k = kernel_of(p, streaming, links);
        // As the planner would have it.
        k.long_rows = p == pattern::read;
        if (p != pattern::columns) {
            k.asks_ahead = plan::bytes_ahead(m_, static_cast<double>(bytes) * threads_, threads_, p == pattern::read);
        }
        const executable_ptr code = make_code(k, m_.best, declined);
        const std::size_t arrays = arrays_of(p);
        const std::size_t each = bytes / arrays / 4096 * 4096;
        const bool far = bytes > 4 * m_.l2.bytes;
        // So much that waking the threads does not show.
        const std::size_t much = std::size_t{threads_ > 1 ? 32U : 1U} << 20;
        const std::size_t times = far ? 1 : std::max<std::size_t>(1, much / std::max<std::size_t>(bytes, 1));
        const auto pass = [&](int t) {
            for (std::size_t i = 0; i < times; ++i) run(*code, p, part(t), arrays, each);
        };
        const double seconds = far ? seconds_of_far([&] { each_thread(pass); }, bytes) : seconds_of([&] { each_thread(pass); }, 150e-6, 3);
        return static_cast<double>(each * arrays * times) * threads_ / seconds;
    }

private:
    static constexpr std::size_t slack = 64 * 1024;

    [[nodiscard]] std::size_t each_part() const noexcept { return (working_set_ + slack) / 4096 * 4096; }
    [[nodiscard]] std::byte* part(int t) const noexcept { return memory_.data() + static_cast<std::size_t>(t) * each_part(); }

    /// The same of what takes milliseconds. Where it touches all there is, that was touched before.
    template <class F>
    [[nodiscard]] double seconds_of_far(F&& call, std::size_t bytes) const {
        constexpr double enough = 10e-3;
        if (bytes < working_set_) call();
        double fastest = std::numeric_limits<double>::infinity(), all = 0;
        for (int i = 0; i < 3 && all < enough; ++i) {
            const double took = seconds_of_one(call);
            fastest = std::min(fastest, took);
            all += took;
        }
        return fastest;
    }

    template <class F>
    void each_thread(const F& f) {
        if (threads_ == 1) return f(0);
        parallel_on(threads_, threads_, [&](int t) { f(t); });
    }

    static void run(const codegen::executable& code, pattern p, std::byte* memory, std::size_t arrays, std::size_t each) {
        std::array<std::byte*, 3> pointers{};
        // Arrays begin at different places of a page: inputs, and last the output.
        for (std::size_t i = 0; i < arrays; ++i) pointers[i] = memory + i * (each + 1088 / 64 * 64);
        alignas(64) std::array<float, columns> sums;
        std::array<index_t, 3> row_strides{};
        const std::array<index_t, 3> none{};
        const std::uint64_t factor = detail::to_bits(0.5F);
        codegen::frame f{.pointers = pointers.data(), .row_strides = row_strides.data(), .inner_strides = none.data(), .params = &factor};
        if (!reads_only(p)) {
            f.n = static_cast<index_t>(each / sizeof(float));
            return code.run(f);
        }
        pointers[1] = reinterpret_cast<std::byte*>(sums.data());
        if (p == pattern::columns) row_strides[0] = columns * sizeof(float);
        for (std::size_t at = 0; at < each; at += p == pattern::columns ? block : stretch) {
            pointers[0] = memory + at;
            f.n = static_cast<index_t>(std::min(p == pattern::columns ? block : stretch, each - at) / sizeof(float));
            if (p == pattern::columns) {
                f.rows = f.n / static_cast<index_t>(columns);
                f.n = columns;
            }
            code.run(f);
        }
    }

    const plan::machine& m_;
    const std::atomic<bool>& stop_;
    int threads_;
    std::size_t working_set_;
    room memory_;
};

/// Bytes that are in no cache to speak of when they come around again, in all.
[[nodiscard]] std::size_t beyond_caches(const plan::machine& m) {
    const std::size_t cache = std::max(m.l3.room(), m.l2.bytes * static_cast<std::size_t>(m.threads));
    const std::size_t wanted = std::max({std::min(4 * cache, std::size_t{256} << 20), 2 * cache, std::size_t{64} << 20});
    return std::min(wanted, physical_memory() / 8);
}

/// Once more of all patterns, so that what else the machine does for a moment spoils one round only. The rates are 0 before the first.
void measure_level(measuring& at, plan::traffic_rates& into, std::size_t bytes, bool streaming = false) {
    for (const pattern p : patterns) {
        if (streaming && reads_only(p)) continue;
        into.*field_of(p) = std::max(into.*field_of(p), at.rate(p, bytes, streaming));
    }
}

/// Of the second cache and the last one.
void find_usable(plan::machine& m, const std::atomic<bool>& stop) {
    m.l2.usable = m.l3.usable = 0;
    const std::size_t near = 4 * m.l2.bytes;
    const std::size_t most = std::min(m.l3.bytes / 4 * 5, physical_memory() / 8);
    if (m.l2.bytes == 0 || m.l3.bytes < 2 * near || most < 2 * near) return;
    measuring at{m, stop, 1, most};
    const auto seconds = [&](std::size_t bytes) { return 1 / at.rate(pattern::copy, bytes, false); };
    m.l3.usable = usable_part(m.l3.bytes, near, most, seconds);
    // Which lines the second one gives up first differs: Zen 5 has half of what is as large as it is, a large Intel core a quarter more.
    const double inside = seconds(m.l2.bytes / 2), outside = seconds(near);
    if (outside < 1.2 * inside) return;
    const std::size_t found = usable_size(m.l2.bytes / 2, m.l2.bytes / 2 * 3, (inside + outside) / 2, seconds);
    if (found < m.l2.bytes / 8 * 7 || found > m.l2.bytes / 8 * 9) m.l2.usable = found;
}

/// How far ahead of what is read from memory lines are best asked for: near where the processor's own asks for the next lines do the rest.
void find_far_ahead(plan::machine& m, const std::atomic<bool>& stop, std::size_t far) {
    constexpr std::size_t distances[] = {1024, 8192};
    double rates[] = {0, 0};
    if (far <= m.l3.room() / 4) return;
    measuring at{m, stop, 1, far};
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < std::size(distances); ++i) {
            m.far_ahead = distances[i];
            rates[i] = std::max(rates[i], at.rate(pattern::read, far, false));
        }
    }
    m.far_ahead = distances[rates[0] > rates[1] ? 0 : 1];
}

/// How much of the shorter one shows where arithmetic takes about as long as moving the data.
[[nodiscard]] double overlap_loss(measuring& at, const plan::machine& m, std::size_t bytes, double copy_rate, double l1_rate) {
    if (!(copy_rate > 0) || !(l1_rate > copy_rate)) return 0;
    const double move = 2.0 * m.vector_bytes / copy_rate;  // of one vector
    const double product = m.fma_per_cycle > 0 ? 1 / m.fma_per_cycle : 1;
    const int links = std::clamp(static_cast<int>(move * m.clock_hz / product), 2, 48);
    const auto of_a_vector = [&](std::size_t working_set) {
        double fastest = 0;
        for (int i = 0; i < 4; ++i) fastest = std::max(fastest, at.rate(pattern::copy, working_set, false, links));
        return 2.0 * m.vector_bytes / fastest;
    };
    const double compute = of_a_vector(m.l1.bytes / 2);
    const double both = of_a_vector(bytes);
    return std::clamp((both - std::max(move, compute)) / std::min(move, compute), 0.0, 1.0);
}

/// Seconds of what is copied from the last cache past it, over those of either alone.
[[nodiscard]] double streaming_loss(measuring& at, std::size_t bytes, double read_rate, double streaming_rate) {
    double fastest = 0;
    for (int i = 0; i < 4; ++i) fastest = std::max(fastest, at.rate(pattern::copy, bytes, true));
    const double read = 0.5 / read_rate, write = 0.5 / streaming_rate;
    return std::clamp((1 / fastest - std::max(read, write)) / std::min(read, write), 0.0, 1.0);
}

}  // namespace

std::size_t usable_size(std::size_t low, std::size_t high, double half, base::function_ref<double(std::size_t)> seconds_per_byte) {
    while (static_cast<double>(high) > 1.05 * static_cast<double>(low)) {
        const std::size_t middle = static_cast<std::size_t>(std::sqrt(static_cast<double>(low) * static_cast<double>(high))) / 4096 * 4096;
        if (middle <= low) break;
        (seconds_per_byte(middle) < half ? low : high) = middle;
    }
    return low;
}

std::size_t usable_part(std::size_t bytes, std::size_t near, std::size_t most, base::function_ref<double(std::size_t)> seconds_per_byte) {
    const double inside = seconds_per_byte(near);
    const std::size_t high = std::min(bytes / 4 * 3, most);
    const double with_most_of_it = seconds_per_byte(high);
    if (with_most_of_it < 1.2 * inside) return bytes;
    const double half = (inside + std::max(with_most_of_it, seconds_per_byte(most))) / 2;
    return with_most_of_it < half ? bytes : usable_size(near, high, half, seconds_per_byte);
}

void measure_traffic(plan::machine& m, const std::atomic<bool>& stop) {
    find_usable(m, stop);
    const std::size_t far = beyond_caches(m);
    find_far_ahead(m, stop, far);
    // What is left of a cache that others share, and not so much that its limits show: arithmetic beside half of a server's last cache waits for memory already.
    const auto within = [far](const plan::machine::cache_level& outer, const plan::machine::cache_level& inner) {
        if (inner.bytes == 0) return std::min(outer.room() / 2, far);
        return std::min(std::max(std::min(outer.room() / 2, 16 * inner.room()), std::min(2 * inner.room(), outer.room() * 3 / 4)), far);
    };
    const auto measure = [&](int threads, auto rates_of, plan::traffic_rates& memory, plan::traffic_rates& streaming) {
        const auto t = static_cast<std::size_t>(threads);
        measuring at{m, stop, threads, far / t};
        rates_of(m.l1) = rates_of(m.l2) = rates_of(m.l3) = memory = streaming = {};
        for (int round = 0; round < 3; ++round) {
            measure_level(at, rates_of(m.l1), m.l1.bytes / 2);
            if (m.l2.bytes > 0) measure_level(at, rates_of(m.l2), within(m.l2, m.l1));
            if (m.l3.bytes > 0) {
                const std::size_t all = within(m.l3, m.l2);
                measure_level(at, rates_of(m.l3), std::min(m.l3.shared ? all / t : all, far / t));
            }
            measure_level(at, memory, far / t);
            measure_level(at, streaming, far / t, true);
        }
        if (threads > 1) return;
        if (m.l2.bytes > 0) m.l2.overlap_loss = overlap_loss(at, m, within(m.l2, m.l1), m.l2.one.copy, m.l1.one.copy);
        if (m.l3.bytes > 0) m.l3.overlap_loss = overlap_loss(at, m, within(m.l3, m.l2), m.l3.one.copy, m.l1.one.copy);
        if (m.l3.bytes > 0) m.streaming_loss = streaming_loss(at, within(m.l3, m.l2), m.l3.one.read, streaming.write);
        m.memory_overlap_loss = overlap_loss(at, m, far, memory.copy, m.l1.one.copy);
    };
    using level = plan::machine::cache_level;
    measure(1, [](level& l) -> plan::traffic_rates& { return l.one; }, m.memory_one, m.streaming_one);
    if (m.threads > 1) {
        measure(m.threads, [](level& l) -> plan::traffic_rates& { return l.all; }, m.memory_all, m.streaming_all);
    } else {
        for (level* l : {&m.l1, &m.l2, &m.l3}) l->all = l->one;
        m.memory_all = m.memory_one;
        m.streaming_all = m.streaming_one;
    }
    // More threads never move less: where it seems so, something else ran.
    const auto at_least = [](plan::traffic_rates& all, const plan::traffic_rates& one) {
        for (const pattern p : patterns) all.*field_of(p) = std::max(all.*field_of(p), one.*field_of(p));
    };
    for (level* l : {&m.l1, &m.l2, &m.l3}) {
        at_least(l->all, l->one);
        l->bandwidth = l->one.triad;
    }
    at_least(m.memory_all, m.memory_one);
    at_least(m.streaming_all, m.streaming_one);
    m.memory_bandwidth_one = m.memory_one.triad;
    m.memory_bandwidth_all = m.memory_all.triad;
    // Stores past the caches read what they read as others do.
    for (const pattern p : {pattern::read, pattern::columns}) {
        m.streaming_one.*field_of(p) = m.memory_one.*field_of(p);
        m.streaming_all.*field_of(p) = m.memory_all.*field_of(p);
    }
    m.streaming_gain = m.streaming_all.triad / m.memory_all.triad;
    // What others leave of a server's cache comes and goes, and what a program does between two kernels takes part of it, too: stores into lines that are gone take twice as long. Measured with
    // rows of softmax, 16 MiB to 16 MiB within 130 that were usable: 1.1 ms if nothing else is done, 2.4 among other work; past the caches 1.5 either way.
    if (m.l3.usable < m.l3.bytes / 2) m.l3.usable = std::max(m.l3.usable / 4, std::min(m.l3.usable, 4 * m.l2.bytes));
}

}  // namespace sinter::inline v1::detail::runtime::calibration
