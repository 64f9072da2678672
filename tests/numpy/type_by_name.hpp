#pragma once

#include <sinter/detail/complex_types.hpp>

#include <string_view>
#include <type_traits>

/// Calls f(std::type_identity<T>) for the element type of that name; false if there is none.
/// Complex is true for functions that take complex types, too.
template <bool Complex = false, class F>
[[nodiscard]] bool with_type(std::string_view name, const F& f) {
    bool known = false;
    for (int code = 0; code < sinter::detail::dtype_count; ++code) {
        const auto type = static_cast<sinter::detail::dtype>(code);
        if (name != sinter::detail::name_of(type)) continue;
        if constexpr (Complex) {
            if (type == sinter::detail::dtype::c64) return f(std::type_identity<std::complex<float>>{}), true;
            if (type == sinter::detail::dtype::c128) return f(std::type_identity<std::complex<double>>{}), true;
        }
        sinter::detail::visit_dtype(type, [&]<class T>(std::type_identity<T> t) {
            // Complex ones are visited as float.
            known = sinter::detail::dtype_of<T> == type;
            if (known) f(t);
        });
    }
    return known;
}
