#include "program.hpp"

namespace programs {

namespace {

using floats = sn::array<float>;
using sn::all;
using sn::range;

void add(std::vector<program>& to, const std::string& name, const std::string& what, sn::index_t rows, sn::index_t columns,
         const std::function<recorded(const floats&)>& record) {
    to.push_back({name, what, [=](bool tiny) {
                      return [u = numbers<float>(tiny ? sn::extents{21, 37} : sn::extents{rows, columns}), record] { return record(u); };
                  }});
}

}  // namespace

void add_grids(std::vector<program>& to) {
    const range inner(1, -1), before(0, -2), after(2, {});
    add(to, "five_points", "one step of heat", 1024, 1024, [=](const floats& u) {
        return recorded().want(floats(0.25f * (u(before, inner) + u(after, inner) + u(inner, before) + u(inner, after))));
    });
    add(to, "five_points_twice", "two steps, without the rim", 512, 512, [=](const floats& u) {
        const floats v = 0.25f * (u(before, inner) + u(after, inner) + u(inner, before) + u(inner, after));
        return recorded().want(floats(0.25f * (v(before, inner) + v(after, inner) + v(inner, before) + v(inner, after))));
    });
    add(to, "blur_by_axes", "three columns, then three rows", 1024, 1024, [=](const floats& u) {
        const floats h = 0.25f * u(all, before) + 0.5f * u(all, inner) + 0.25f * u(all, after);
        return recorded().want(floats(0.25f * h(before, all) + 0.5f * h(inner, all) + 0.25f * h(after, all)));
    });
    add(to, "costly_neighbours", "exp, then three rows of it", 512, 1024, [=](const floats& u) {
        const floats e = exp(u);
        return recorded().want(floats(e(before, all) + e(inner, all) + e(after, all)));
    });
    add(to, "root_of_neighbours", "a root, then three columns of it", 512, 1024, [=](const floats& u) {
        const floats e = sqrt(u);
        return recorded().want(floats(e(all, before) + e(all, inner) + e(all, after)));
    });
    add(to, "gradient", "two results of one grid", 1024, 1024, [=](const floats& u) {
        return recorded().want(floats(u(inner, after) - u(inner, before))).want(floats(u(after, inner) - u(before, inner)));
    });
    add(to, "edge_strength", "the length of the gradient", 1024, 1024, [=](const floats& u) {
        const floats dx = u(inner, after) - u(inner, before), dy = u(after, inner) - u(before, inner);
        return recorded().want(floats(sqrt(dx * dx + dy * dy)));
    });
    add(to, "largest_change", "between two steps, reduced at once", 1024, 1024, [=](const floats& u) {
        const floats next = 0.25f * (u(before, inner) + u(after, inner) + u(inner, before) + u(inner, after));
        return recorded().want(next).want(floats(sn::max(abs(next - u(inner, inner)))));
    });
    add(to, "written_region", "the middle of an array that is kept elsewhere", 1024, 1024, [=](const floats& u) {
        floats w = u;
        w(inner, inner) = u(inner, inner) * 0.5f;
        return recorded().want(w);
    });
    add(to, "reshaped_between", "a value that is seen in two shapes", 512, 1024, [=](const floats& u) {
        const floats t = u * 2.0f + 1.0f;
        const floats flat = t.reshape({t.size()});
        return recorded().want(floats(flat - 1.5f));
    });
    add(to, "transposed_copy", "into row order", 1024, 1024, [=](const floats& u) { return recorded().want(floats(u.transpose() + 1.0f)); });
    add(to, "symmetric_part", "a matrix and its transpose", 1024, 1024, [=](const floats& u) {
        const sn::index_t n = std::min(u.extent(0), u.extent(1));
        const floats s = u(range(0, n), range(0, n));
        return recorded().want(floats(0.5f * (s + s.transpose())));
    });
    add(to, "two_orders", "results along rows and along columns", 1024, 1024, [=](const floats& u) {
        const floats t = sqrt(u);
        return recorded().want(floats(t + 1.0f)).want(floats(t.transpose() * 2.0f));
    });
    add(to, "rows_and_columns_removed", "each element without its row's and its column's mean", 1024, 1024, [=](const floats& u) {
        const floats rows = sn::mean(u, {.axis = 1, .keepdims = true}), columns = sn::mean(u, {.axis = 0, .keepdims = true});
        return recorded().want(floats(u - rows - columns + sn::mean(u)));
    });
}

std::vector<program> all_programs() {
    std::vector<program> all;
    add_elementwise(all);
    add_reductions(all);
    add_grids(all);
    return all;
}

}  // namespace programs
