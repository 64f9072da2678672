#pragma once

#include <sinter/detail/half_text.hpp>

#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace sinter::inline v1::detail::fixed {

/// Elements as text, as other arrays write them: brackets for each axis, columns of equal width.
template <class T>
class text {
public:
    [[nodiscard]] static std::string of(const T* elements, std::span<const index_t> extents) {
        text t;
        std::size_t count = 1;
        for (const index_t e : extents) count *= static_cast<std::size_t>(e);
        for (std::size_t i = 0; i < count; ++i) {
            t.words_.push_back(word(elements[i]));
            t.width_ = t.words_.back().size() > t.width_ ? t.words_.back().size() : t.width_;
        }
        t.write(extents, 0);
        return t.out_;
    }

private:
    template <class>
    friend class text;

    static std::string word(T x) {
        if constexpr (is_complex<T>) {
            const std::string imag = text<part_t<T>>::word(x.imag());
            return text<part_t<T>>::word(x.real()) + (imag[0] == '-' ? "" : "+") + imag + 'j';
        } else if constexpr (std::same_as<T, bool>) {
            return x ? "true" : "false";
        } else if constexpr (half<T>) {
            return detail::text_of_half(x);
        } else {
            char buffer[64];
            if constexpr (std::floating_point<T>) {
                if (x != x) return "nan";
                // As other arrays write them: printf's %.6g and %.8g.
                constexpr int digits = sizeof(T) == 4 ? 6 : 8;
                return {buffer, std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::general, digits).ptr};
            } else {
                return {buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr};
            }
        }
    }

    void write(std::span<const index_t> extents, std::size_t depth) {
        if (extents.empty()) {
            const std::string& w = words_[next_++];
            out_.append(width_ - w.size(), ' ');
            out_ += w;
            return;
        }
        out_ += '[';
        for (index_t i = 0; i < extents[0]; ++i) {
            if (i > 0 && extents.size() == 1) out_ += ' ';
            if (i > 0 && extents.size() > 1) {
                out_.append(extents.size() - 1, '\n');
                out_.append(depth + 1, ' ');
            }
            write(extents.subspan(1), depth + 1);
        }
        out_ += ']';
    }

    std::vector<std::string> words_;
    std::size_t width_ = 0;
    std::size_t next_ = 0;
    std::string out_;
};

}  // namespace sinter::inline v1::detail::fixed
