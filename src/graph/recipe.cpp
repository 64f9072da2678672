#include "graph/recipe.hpp"

namespace sinter::inline v1::detail::graph {

namespace {

[[nodiscard]] bool edges_elsewhere(const node& n, std::uint32_t users) noexcept {
    return n.refs.load(std::memory_order_acquire) / node::one_edge != users;
}

}  // namespace

std::uint64_t number_of(const tape& t) noexcept {
    static std::atomic<std::uint64_t> last{0};
    std::uint64_t number = t.number.load(std::memory_order_relaxed);
    if (number != 0) return number;
    const std::uint64_t fresh = last.fetch_add(1, std::memory_order_relaxed) + 1;
    return t.number.compare_exchange_strong(number, fresh, std::memory_order_relaxed) ? fresh : number;
}

recipe::recipe(const capture& c) : nodes_(c.nodes()), roots_(c.roots()) {
    std::vector<bool> met(nodes_.size());
    for (const std::uint32_t r : roots_) {
        external_.push_back(nodes_[r].external);
        if (!met[r]) roots_[external_.size() - 1] |= first_met;
        met[r] = true;
    }
    ingredients_.resize(nodes_.size());
    for (std::size_t place = nodes_.size(); place-- > 0;) {
        captured_node& as = nodes_[place];
        const node& n = *as.n;
        ingredient& i = ingredients_[place];
        i.kind = kind_word(n, as.done);
        i.numbers = static_cast<std::uint32_t>(numbers_.size());
        numbers_.insert(numbers_.end(), n.extent, n.extent + n.rank);
        if (as.done && !n.contiguous) numbers_.insert(numbers_.end(), n.stride, n.stride + n.rank);
        as.n = nullptr;
        if (as.done) continue;
        i.program = n.program == nullptr ? 0 : number_of(*n.program);
        i.reduce_code = n.reduce_code;
        i.n_operands = n.n_operands;
        i.users = as.users;
        i.edges_elsewhere = edges_elsewhere(n, as.users);
        if (n.map != nullptr) {
            i.has_map = true;
            i.map = static_cast<std::uint32_t>(maps_.size());
            maps_.push_back(*n.map);
        }
        i.first_operand = static_cast<std::uint32_t>(operands_.size());
        const captured_node& original = c.nodes()[place];
        for (std::size_t k = 0; k < n.n_operands; ++k) {
            const std::uint32_t o = c.operand_of(original, k);
            operands_.push_back(met[o] ? o : o | first_met);
            met[o] = true;
        }
    }
}

bool recipe::fits(const ingredient& i, const captured_node& as, const node& n) const noexcept {
    if (kind_word(n, as.done) != i.kind) return false;
    const index_t* const numbers = numbers_.data() + i.numbers;
    for (int d = 0; d < n.rank; ++d) {
        if (n.extent[d] != numbers[d]) return false;
    }
    if (as.done) {
        for (int d = 0; !n.contiguous && d < n.rank; ++d) {
            if (n.stride[d] != numbers[n.rank + d]) return false;
        }
        return is_sole(as, n) == as.sole;
    }
    if ((n.program == nullptr ? 0 : n.program->number.load(std::memory_order_relaxed)) != i.program || n.reduce_code != i.reduce_code ||
        n.n_operands != i.n_operands || (n.map != nullptr) != i.has_map || n.is_held() != as.held ||
        edges_elsewhere(n, i.users) != i.edges_elsewhere) {
        return false;
    }
    return n.map == nullptr || *n.map == maps_[i.map];
}

bool capture::take(const root* roots, std::size_t count, const recipe& known) {
    if (known.roots_.size() != count) return false;
    s_.roots.resize(count);
    s_.nodes = known.nodes_;
    for (std::size_t r = 0; r < count; ++r) {
        const std::uint32_t place = known.roots_[r] & ~recipe::first_met;
        captured_node& c = s_.nodes[place];
        s_.roots[r] = place;
        // A root that is given twice may be external once: the long way sees to that.
        if (roots[r].external != known.external_[r] || ((known.roots_[r] & recipe::first_met) == 0) != (c.n == roots[r].n)) {
            return give_up(s_.nodes.size());
        }
        c.n = roots[r].n;
    }
    for (std::size_t place = s_.nodes.size(); place-- > 0;) {
        captured_node& c = s_.nodes[place];
        node& n = *c.n;
        if (c.done ? !n.is_done() : !claim(n)) return give_up(place + 1);
        const recipe::ingredient& i = known.ingredients_[place];
        if (!known.fits(i, c, n) || (!c.done && wanted_before(n) != c.wanted_before)) return give_up(place);
        const std::uint32_t* const operands = known.operands_.data() + i.first_operand;
        for (std::size_t k = 0; k < i.n_operands; ++k) {
            node* const o = n.operands[k];
            captured_node& at = s_.nodes[operands[k] & ~recipe::first_met];
            if ((operands[k] & recipe::first_met) != 0) {
                at.n = o;
            } else if (at.n != o && !(at.done && at.n->is_done() && o->is_done() && is_same_memory(*at.n, *o))) {
                return give_up(place);
            }
        }
    }
    return true;
}

bool capture::give_up(std::size_t from) noexcept {
    for (std::size_t place = from; place < s_.nodes.size(); ++place) {
        const captured_node& c = s_.nodes[place];
        if (!c.done) c.n->state.store(node_state::pending, std::memory_order_release);
    }
    s_.clear();
    return false;
}

}  // namespace sinter::inline v1::detail::graph
