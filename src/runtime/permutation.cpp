#include <sinter/random.hpp>

#include <cstring>
#include <utility>

namespace sinter::inline v1::detail {

void throw_empty_range(const char* low, const char* high) try {
    throw value_error("random::integers: low is " + std::string(low) + " and high is " + high + ", which leaves no number");
} catch (const std::bad_alloc&) {
    throw_no_memory("random::integers");
}

node* random_permutation(std::uint64_t key, index_t n) try {
    if (n < 0) throw value_error("random::permutation: of " + std::to_string(n) + " numbers");
    check_shape("random::permutation", {n});
    handle out{allocate_node(dtype::i64, {n})};
    auto* const at = reinterpret_cast<index_t*>(out->data);
    for (index_t i = 0; i < n; ++i) at[i] = i;
    for (index_t i = n - 1; i > 0; --i) {
        const auto number = static_cast<std::uint64_t>(i);
        std::swap(at[i], at[detail::scaled_to(detail::philox_of(number, key), number + 1)]);
    }
    return out.release();
} catch (const std::bad_alloc&) {
    throw_no_memory("random::permutation");
}

}  // namespace sinter::inline v1::detail
