#include "plan/machine_text.hpp"

#include "base/operation_table.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <type_traits>
#include <unordered_map>

namespace sinter::inline v1::detail::plan {

namespace {

enum class allows : std::uint8_t { positive, zero, absence };

template <class Rates, class F>
void each_rate(const std::string& name, Rates& r, F&& f) {
    f(name + ".read", r.read, allows::absence);
    f(name + ".columns", r.columns, allows::absence);
    f(name + ".triad", r.triad, allows::absence);
    f(name + ".copy", r.copy, allows::absence);
    f(name + ".write", r.write, allows::absence);
}

template <class Level, class F>
void each_of_level(const std::string& name, Level& l, F&& f) {
    f(name + ".bytes", l.bytes, allows::zero);
    f(name + ".usable", l.usable, allows::absence);
    f(name + ".bandwidth", l.bandwidth, allows::zero);
    f(name + ".shared", l.shared, allows::zero);
    each_rate(name + ".one", l.one, f);
    each_rate(name + ".all", l.all, f);
    f(name + ".overlap_loss", l.overlap_loss, allows::absence);
}

/// The one list of what a machine is made of: f(key, field, what it may be) for each.
template <class Machine, class F>
void each_field(Machine& m, F&& f) {
    using enum allows;
    f("isa", m.best, zero);
    f("measured", m.measured, absence);
    f("threads", m.threads, positive);
    f("clock_hz", m.clock_hz, positive);
    f("vector_bytes", m.vector_bytes, positive);
    f("vector_ops_per_cycle", m.vector_ops_per_cycle, positive);
    f("fma_per_cycle", m.fma_per_cycle, zero);
    f("loads_per_cycle", m.loads_per_cycle, positive);
    f("stores_per_cycle", m.stores_per_cycle, positive);
    f("div_cycles_per_vector", m.div_cycles_per_vector, positive);
    f("sqrt_cycles_per_vector", m.sqrt_cycles_per_vector, positive);
    each_of_level("l1", m.l1, f);
    each_of_level("l2", m.l2, f);
    each_of_level("l3", m.l3, f);
    f("memory_bandwidth_one", m.memory_bandwidth_one, positive);
    f("memory_bandwidth_all", m.memory_bandwidth_all, positive);
    f("streaming_gain", m.streaming_gain, positive);
    each_rate("memory.one", m.memory_one, f);
    each_rate("memory.all", m.memory_all, f);
    each_rate("streaming.one", m.streaming_one, f);
    each_rate("streaming.all", m.streaming_all, f);
    f("memory_overlap_loss", m.memory_overlap_loss, absence);
    f("streaming_loss", m.streaming_loss, absence);
    f("far_ahead", m.far_ahead, absence);
    f("wake_seconds_hot", m.wake_seconds_hot, zero);
    f("wake_seconds_idle", m.wake_seconds_idle, zero);
    f("kernel_call_seconds", m.kernel_call_seconds, zero);
    f("statement_seconds", m.statement_seconds, zero);
    f("page_fault_seconds_4k", m.page_fault_seconds_4k, zero);
    f("page_fault_seconds_huge", m.page_fault_seconds_huge, zero);
    f("compile_seconds", m.compile_seconds, zero);
    f("compile_seconds_per_instruction", m.compile_seconds_per_instruction, zero);
}

constexpr std::array<const char*, cost_classes> class_names{"f32", "f64", "i32", "i64"};

/// f(key, field) for each operation and class.
template <class Machine, class F>
void each_operation(Machine& m, F&& f) {
    for (std::uint16_t code = 0; code < base::operation_codes; ++code) {
        if (!base::is_operation_code(code)) continue;
        for (std::size_t c = 0; c < cost_classes; ++c) f(std::string("cycles.") + base::operation_of(code).name + "." + class_names[c], m.cycles[code][c]);
    }
}

template <class T>
[[nodiscard]] std::string written(const T& v) {
    if constexpr (std::is_same_v<T, std::string>) {
        return v.empty() ? "never" : v;
    } else if constexpr (std::is_same_v<T, isa>) {
        return name_of(v);
    } else if constexpr (std::is_same_v<T, bool>) {
        return v ? "1" : "0";
    } else {
        std::array<char, 40> text{};
        return {text.data(), std::to_chars(text.data(), text.data() + text.size(), v).ptr};
    }
}

/// False if the text is not a value that the field may have.
template <class T>
[[nodiscard]] bool read(std::string_view text, T& v, allows what) {
    if constexpr (std::is_same_v<T, std::string>) {
        v = text == "never" ? std::string_view{} : text;
        return text.size() <= 32;
    } else if constexpr (std::is_same_v<T, isa>) {
        for (const isa known : {isa::portable, isa::avx2, isa::avx512}) {
            if (text != name_of(known)) continue;
            v = known;
            return true;
        }
        return false;
    } else if constexpr (std::is_same_v<T, bool>) {
        v = text == "1";
        return v || text == "0";
    } else {
        const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), v);
        if (failure != std::errc{} || rest != text.data() + text.size()) return false;
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(v)) return false;
        }
        return what == allows::positive ? v > T{} : v >= T{};
    }
}

}  // namespace

std::string to_text(const machine& m) {
    std::string s;
    each_field(m, [&](const std::string& key, const auto& field, allows) { s += key + " " + written(field) + "\n"; });
    each_operation(m, [&](const std::string& key, float cycles) {
        if (cycles > 0) s += key + " " + written(cycles) + "\n";
    });
    return s;
}

std::optional<machine> from_text(std::string_view text, std::string& why) {
    std::unordered_map<std::string_view, std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#') continue;
        const std::size_t blank = line.find(' ');
        if (blank == std::string_view::npos || blank == 0) {
            why = "a line without a value: " + std::string(line.substr(0, 60));
            return std::nullopt;
        }
        if (!lines.emplace(line.substr(0, blank), line.substr(blank + 1)).second) {
            why = "twice: " + std::string(line.substr(0, blank));
            return std::nullopt;
        }
    }
    machine m;
    const auto take = [&](const std::string& key, auto& field, allows what) {
        if (!why.empty()) return;
        const auto at = lines.find(key);
        if (at == lines.end()) {
            if (what != allows::absence) why = "no " + key;
            return;
        }
        if (!read(at->second, field, what)) why = key + " cannot be " + std::string(at->second.substr(0, 40));
        lines.erase(at);
    };
    why.clear();
    each_field(m, [&](const std::string& key, auto& field, allows what) { take(key, field, what); });
    each_operation(m, [&](const std::string& key, float& cycles) { take(key, cycles, allows::absence); });
    if (why.empty() && !lines.empty()) why = "unknown: " + std::string(lines.begin()->first.substr(0, 60));
    if (!why.empty()) return std::nullopt;
    return m;
}

}  // namespace sinter::inline v1::detail::plan
