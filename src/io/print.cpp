#include <sinter/detail/half_text.hpp>
#include <sinter/detail/record.hpp>

#include <cstdio>
#include <cstring>

// An array in NumPy's way of writing: brackets for axes, long axes cut to their ends.

namespace sinter::inline v1::detail {

namespace {

constexpr index_t edge_items = 3;
constexpr index_t print_all_up_to = 1000;

template <class T>
[[nodiscard]] std::string text_of(T x) {
    char text[48];
    if constexpr (std::same_as<T, bool>) {
        return x ? "true" : "false";
    } else if (std::floating_point<T> && x != x) {
        return "nan";  // its sign says nothing
    } else if constexpr (half<T>) {
        return detail::text_of_half(x);
    } else if constexpr (std::same_as<T, float>) {
        std::snprintf(text, sizeof text, "%.6g", static_cast<double>(x));
    } else if constexpr (std::same_as<T, double>) {
        std::snprintf(text, sizeof text, "%.8g", x);
    } else if constexpr (std::is_unsigned_v<T>) {
        std::snprintf(text, sizeof text, "%llu", static_cast<unsigned long long>(x));
    } else {
        std::snprintf(text, sizeof text, "%lld", static_cast<long long>(x));
    }
    return text;
}

class printer {
public:
    explicit printer(const node& n) : n_{n}, shorten_{n.size > print_all_up_to} {
        // All numbers as wide as the widest.
        walk(0, n.data, [&](const std::byte* p) { width_ = std::max(width_, element(p).size()); });
    }

    [[nodiscard]] std::string run() {
        std::string out;
        write(0, n_.data, out);
        return out;
    }

private:
    [[nodiscard]] std::string element(const std::byte* p) const {
        return visit_dtype(part_of(n_.type), [&]<class T>(std::type_identity<T>) {
            T x;
            std::memcpy(&x, p, sizeof x);
            if (!is_complex_code(n_.type)) return text_of(x);
            T y;
            std::memcpy(&y, p + sizeof x, sizeof y);
            const std::string imag = text_of(y);
            return text_of(x) + (imag[0] == '-' ? "" : "+") + imag + 'j';
        });
    }
    [[nodiscard]] bool cut(int d) const { return shorten_ && n_.extent[d] > 2 * edge_items; }
    [[nodiscard]] index_t step(int d) const { return n_.stride[d] * static_cast<index_t>(size_of(n_.type)); }

    template <class F>
    void walk(int d, const std::byte* p, const F& f) const {
        if (n_.size == 0) return;
        if (d == n_.rank) {
            f(p);
            return;
        }
        for (index_t i = 0; i < n_.extent[d]; ++i) {
            if (cut(d) && i == edge_items) i = n_.extent[d] - edge_items;
            walk(d + 1, p + i * step(d), f);
        }
    }

    void write(int d, const std::byte* p, std::string& out) const {
        if (d == n_.rank) {
            const std::string text = element(p);
            if (n_.rank > 0) out.append(width_ - text.size(), ' ');
            out += text;
            return;
        }
        const bool last = d + 1 == n_.rank;
        out += '[';
        for (index_t i = 0; i < n_.extent[d]; ++i) {
            if (i > 0)
                out += last ? " " : std::string(static_cast<std::size_t>(n_.rank - d - 1), '\n') + std::string(static_cast<std::size_t>(d + 1), ' ');
            if (cut(d) && i == edge_items) {
                out += last ? "... " : "...\n" + std::string(static_cast<std::size_t>(d + 1), ' ');
                i = n_.extent[d] - edge_items;
            }
            write(d + 1, p + i * step(d), out);
        }
        out += ']';
    }

    const node& n_;
    bool shorten_;
    std::size_t width_ = 0;
};

}  // namespace

std::string to_text(node& n) try {
    evaluate(n);
    return printer(n).run();
} catch (const std::bad_alloc&) {
    throw_no_memory("print");
}

}  // namespace sinter::inline v1::detail
