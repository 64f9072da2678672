#include "ours.hpp"

namespace perf {

void use_threads(int threads) {
    // Telling the library what it knows could cost it its threads.
    static int now = 0;
    if (now != threads) sn::set_threads(threads);
    now = threads;
}

void add_ours(const problem& p, std::vector<contender>& out) {
    add_ours_elementwise(p, out);
    add_ours_reductions(p, out);
    add_ours_halves(p, out);
    add_ours_grids(p, out);
    add_ours_order(p, out);
    add_ours_pieces(p, out);
    add_ours_types(p, out);
    add_ours_rows(p, out);
    add_ours_fixed(p, out);
}

}
