#pragma once

#include <sinter/detail/extents.hpp>
#include <sinter/detail/types.hpp>

namespace sinter::inline v1::detail {

/// Values in braces, to any depth: a number, or a list of such.
template <class T>
class literal {
public:
    template <class S>
        requires(number_type<S> || (is_complex<S> && is_complex<T>))
    constexpr literal(S value) : value_{detail::number_as<T>(value)} {
        static_assert(!(floating<S> && !floating<T> && !is_complex<T>), "sinter: a floating-point number in an array of integers: cast it, or write array<float>");
    }
    constexpr literal(std::initializer_list<literal> list) : list_{list.begin()}, count_{list.size()}, is_list_{true} {}

    /// The extents of a list of literals, read off its first elements.
    static extents shape(const literal* list, std::size_t count) {
        extents result{static_cast<index_t>(count)};
        const literal* at = list;
        std::size_t n = count;
        while (n > 0 && at->is_list_) {
            if (result.size() == static_cast<std::size_t>(max_rank)) throw shape_error("array: the lists in braces are more than 8 deep");
            result.push_back(static_cast<index_t>(at->count_));
            n = at->count_;
            at = at->list_;
        }
        return result;
    }

    /// Writes the values in row-major order; throws shape_error where the lists are ragged.
    static void write(const literal* list, std::size_t count, const extents& shape, std::size_t axis, T*& out) {
        if (static_cast<index_t>(count) != shape[axis]) throw_ragged(count, shape, axis);
        const bool innermost = axis + 1 == shape.size();
        for (std::size_t i = 0; i < count; ++i) {
            if (list[i].is_list_ == innermost) throw_ragged(list[i].count_, shape, axis + 1);
            if (innermost) {
                *out++ = list[i].value_;
            } else {
                write(list[i].list_, list[i].count_, shape, axis + 1, out);
            }
        }
    }

private:
    [[noreturn]] static void throw_ragged(std::size_t count, const extents& shape, std::size_t axis) {
        const std::string expected = axis < shape.size() ? std::to_string(shape[axis]) + " values" : std::string("a number");
        throw shape_error("array: the lists in braces are ragged: on axis " + std::to_string(axis) + " " + expected + " were expected, a list of " +
                          std::to_string(count) + " found");
    }

    T value_{};
    const literal* list_ = nullptr;
    std::size_t count_ = 0;
    bool is_list_ = false;
};

}  // namespace sinter::inline v1::detail
