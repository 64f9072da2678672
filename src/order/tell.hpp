#pragma once

namespace sinter::inline v1::detail::order {

/// Within a handler: throws the error again; one of memory, which knows no more than that it was for an array, in the words of the function.
[[noreturn]] void tell(const char* name);

}  // namespace sinter::inline v1::detail::order
