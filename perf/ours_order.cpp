#include "ours.hpp"

namespace perf {

// Carried out when they are called.
void add_ours_order(const problem& p, std::vector<contender>& out) {
    const std::size_t n = p.n();
    if (p.name == "sort_rows") add_statement(p, 0, [m = matrix_of(p.x, p.size.rows, p.size.columns)] { return sn::sort(m, {.axis = 1}); }, out);
    if (p.name == "argsort") add_statement(p, 0, [x = vector_of(p.x, n)] { return sn::argsort(x); }, out);
    if (p.name == "topk") add_statement(p, 0, [x = vector_of(p.x, n)] { return sn::topk(x, static_cast<sn::index_t>(top_count)).values; }, out);
    if (p.name == "unique") add_statement(p, 0, [x = vector_of(p.x, n)] { return sn::unique(x); }, out);
    if (p.name == "searchsorted") add_statement(p, 0, [x = vector_of(p.x, n), w = vector_of(p.w, n)] { return sn::searchsorted(x, w); }, out);
    if (p.name == "histogram")
        add_statement(p, 0, [x = vector_of(p.x, n)] { return sn::histogram(x, static_cast<sn::index_t>(bins), {0.5f, 1.5f}).counts; }, out);
    if (p.name == "bincount") add_statement(p, 0, [x = sn::from(as<std::int32_t>(p.x, n, 1.0f))] { return sn::bincount(x); }, out);
}

}
