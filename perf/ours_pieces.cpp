#include "ours.hpp"

namespace perf {

namespace {

using array = sn::array<float>;

// write(x) changes some elements of an array that nobody shares. To do so again changes nothing.
template <class Write>
void add_in_place(const problem& p, array given, Write write, std::vector<contender>& out) {
    const auto x = std::make_shared<array>(std::move(given));
    contender c{"ours", [x, write](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            write(*x);
            x->eval();
        }
        observe(x.get());
    }};
    c.result = [x, run = c.run] {
        run(1);
        return x->to_vector();
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    out.push_back(std::move(c));
}

void add_random(const problem& p, std::vector<contender>& out) {
    const std::size_t n = p.n();
    const auto count = static_cast<sn::index_t>(n);
    constexpr sn::random::key k{random_seed};
    if (p.name == "uniform") add_statement(p, n, [=] { return sn::random::uniform<float>(k, {count}); }, out);
    if (p.name == "normal") add_statement(p, n, [=] { return sn::random::normal<float>(k, {count}); }, out);
}

void add_masks(const problem& p, std::vector<contender>& out) {
    const auto mask = sn::from(std::span<const bool>(p.mask, p.n()));
    if (p.name == "nonzero") return add_statement(p, 0, [mask] { return sn::flatnonzero(mask); }, out);
    if (p.name == "count_nonzero") return add_statement(p, 1, [mask] { return sn::array<sn::index_t>(sn::count_nonzero(mask)); }, out);
    array x = vector_of(p.x, p.n());
    // How many there are is known when it is recorded, so that belongs to the statement.
    if (p.name == "masked") add_statement(p, 0, [mask, x] { return array(x(mask)); }, out);
    if (p.name == "masked_write") add_in_place(p, std::move(x), [mask](array& changed) { changed(mask) = factor_a; }, out);
}

}

void add_ours_pieces(const problem& p, std::vector<contender>& out) {
    const std::size_t n = p.n();
    const auto [rows, columns] = p.size;
    add_random(p, out);
    if (p.mask != nullptr) add_masks(p, out);
    if (p.name == "where") add_statement(p, n, [x = vector_of(p.x, n), w = vector_of(p.w, n)] { return array(sn::where(x > 1.0f, x, w)); }, out);
    if (p.name == "cumsum_rows") add_statement(p, n, [m = matrix_of(p.x, rows, columns)] { return array(sn::cumsum(m, {.axis = 0})); }, out);
    if (p.name == "flip") add_statement(p, n, [x = vector_of(p.x, n)] { return array(sn::flip(x) * factor_a); }, out);
    if (p.name == "strided") add_statement(p, n / 2, [x = vector_of(p.x, n)] { return array(x(sn::range({}, {}, 2)) * factor_a); }, out);
    if (p.name == "concatenate") add_statement(p, 2 * n, [x = vector_of(p.x, n), z = vector_of(p.z, n)] { return sn::concatenate({x, z}); }, out);
    if (p.name == "stack") add_statement(p, 2 * n, [x = vector_of(p.x, n), z = vector_of(p.z, n)] { return sn::stack({x, z}, {.axis = -1}); }, out);
    if (p.name == "take_along") {
        const sn::extents shape{static_cast<sn::index_t>(rows), static_cast<sn::index_t>(columns)};
        add_statement(p, n, [m = matrix_of(p.x, rows, columns), at = sn::from(scattered_rows(rows, columns), shape)] { return sn::take_along_axis(m, at, {.axis = 1}); }, out);
    }
    if (p.name == "roll") add_statement(p, n, [x = vector_of(p.x, n)] { return sn::roll(x, static_cast<sn::index_t>(roll_by)); }, out);
    if (p.name == "pad") add_statement(p, (rows + 2) * (columns + 2), [m = matrix_of(p.x, rows, columns)] { return sn::pad(m, 1); }, out);
    if (p.name == "put") {
        add_in_place(p, array(sn::zeros<float>({static_cast<sn::index_t>(n)})).eval(),
                     [i = sn::from(scattered(n)), w = vector_of(p.w, n)](array& x) { sn::put(x, i, w); }, out);
    }
    if (const std::size_t depth = depth_of(p.name); depth > 1) {
        const auto pairs = [&](auto metric) {
            add_statement(p, n, [metric, a = matrix_of(p.column, p.size.rows, depth), b = matrix_of(p.row, p.size.columns, depth)] { return array(sn::pairwise(metric, a, b)); }, out);
        };
        if (p.name == "pairwise_products") {
            pairs(sn::metrics::inner_product);
        } else {
            pairs(sn::metrics::squared_euclidean);
        }
    }
}

}
