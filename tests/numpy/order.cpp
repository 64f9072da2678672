#include "type_by_name.hpp"

#include <sinter/sinter.hpp>

#include <iostream>
#include <sstream>
#include <string>

// Carries out what order.py asks for, a line each: the type of the elements, the function, its numbers in one word, the file to read and the one to write.

namespace {

namespace sn = sinter;
using sn::index_t;

/// Numbers separated by commas.
std::vector<double> numbers(const std::string& text) {
    std::vector<double> out;
    std::istringstream in(text);
    for (std::string one; std::getline(in, one, ',');) out.push_back(std::stod(one));
    return out;
}

/// How the axis is written: "all", or one number, or several joined by +.
sn::axis_list axes(const std::string& text) {
    if (text == "all") return {};
    const auto plus = text.find('+');
    if (plus == std::string::npos) return std::stol(text);
    return {std::stol(text.substr(0, plus)), std::stol(text.substr(plus + 1))};
}

template <class T>
void run(const std::string& what, const std::string& axis, const std::string& argument, const std::string& in, const std::string& out) {
    const sn::array<T> x = sn::load<T>(in);
    const std::vector<double> n = numbers(argument);
    const auto whole = [&](std::size_t i) { return static_cast<index_t>(n[i]); };
    if (what == "sort") sn::save(out, sn::sort(x, {.axis = axes(axis)}));
    else if (what == "argsort") sn::save(out, sn::argsort(x, {.axis = axes(axis)}));
    else if (what == "partition") sn::save(out, sn::partition(x, whole(0), {.axis = axes(axis)}));
    else if (what == "argpartition") sn::save(out, sn::argpartition(x, whole(0), {.axis = axes(axis)}));
    else if (what == "topk") {
        const auto top = sn::topk(x, whole(0), {.axis = axes(axis), .largest = n[1] != 0});
        sn::save_npz(out, {{"values", top.values}, {"indices", top.indices}});
    } else if (what == "median") sn::save(out, sn::median(x, {.axis = axes(axis), .keepdims = n[0] != 0}));
    else if (what == "quantile") {
        const auto method = static_cast<sn::quantile_method>(whole(0));
        sn::save(out, sn::quantile(x, std::vector<double>(n.begin() + 2, n.end()), {.axis = axes(axis), .keepdims = n[1] != 0, .method = method}));
    } else if (what == "unique") {
        const auto u = sn::unique_all(x);
        sn::save_npz(out, {{"only", sn::unique(x)}, {"values", u.values}, {"indices", u.indices}, {"inverse", u.inverse}, {"counts", u.counts}});
    } else if (what == "searchsorted") {
        sn::save(out, sn::searchsorted(sn::sort(x, {.axis = {}}), x, {.side = static_cast<sn::search_side>(whole(0))}));
    } else if (what == "histogram") {
        const auto h = n.size() > 1 ? sn::histogram(x, whole(0), {n[1], n[2]}) : sn::histogram(x, whole(0));
        const sn::array<double> weights = sn::arange<double>(x.size()).reshape(x.shape()) * 0.125;  // sums of these are exact
        sn::save_npz(out, {{"counts", h.counts}, {"edges", h.edges}, {"sums", sn::histogram(x, h.edges, {.weights = weights}).sums}});
    } else if (what == "edges") {
        sn::save(out, sn::histogram(x, sn::from(n)).counts);
    } else if (what == "nonzero") {
        std::vector<sn::npz_entry> entries;
        for (const auto& places : sn::nonzero(x)) entries.emplace_back("axis" + std::to_string(entries.size()), places);
        sn::save_npz(out, entries);
    } else if (what == "bincount") {
        if constexpr (!sn::detail::floating<T>) {
            const sn::array<double> weights = sn::cast<double>(x) * 0.25 + 0.1;
            sn::save_npz(out, {{"counts", sn::bincount(x, {.minlength = whole(0)})}, {"sums", sn::bincount(x, weights, {.minlength = whole(0)})}});
        }
    } else {
        throw std::runtime_error("no such function: " + what);
    }
}

}  // namespace

int main() {
    std::string type, what, axis, argument, in, out;
    while (std::cin >> type >> what >> axis >> argument >> in >> out) {
        try {
            const bool known = with_type(type, [&]<class T>(std::type_identity<T>) { run<T>(what, axis, argument, in, out); });
            std::cout << (known ? "done" : "no such type") << '\n';
        } catch (const std::exception& e) {
            std::cout << "error: " << e.what() << '\n';
        }
    }
}
