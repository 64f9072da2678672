#include <sinter/detail/error.hpp>

#include <memory>
#include <new>

namespace sinter::inline v1::detail {

namespace {

/// Made when the library is loaded, as there may be no memory for the text of an error when it is needed; copies share the text.
const memory_error* const prepared = std::make_unique<const memory_error>("out of memory").release();

}  // namespace

void throw_no_memory(const char* operation) {
    try {
        throw memory_error(std::string(operation) + ": out of memory");
    } catch (const std::bad_alloc&) {
        if (prepared == nullptr) throw;  // called by an object that is made before the library is
    }
    throw memory_error(*prepared);
}

}  // namespace sinter::inline v1::detail
