// What a good programmer leaves to the standard library, compiled for plain x86-64 as programs are.
#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "hand.hpp"

namespace perf {

namespace {

using place = std::int64_t;

// The greatest elements with their places, the greatest first, of equal ones the first: a heap of those so far has the least of them in front.
void find_best(float* y, const float* x, std::size_t n, std::vector<std::pair<float, place>>& heap) {
    const auto before = [](const auto& a, const auto& b) { return a.first > b.first || (a.first == b.first && a.second < b.second); };
    heap.clear();
    for (std::size_t i = 0; i < top_count; ++i) heap.emplace_back(x[i], static_cast<place>(i));
    std::make_heap(heap.begin(), heap.end(), before);
    for (std::size_t i = top_count; i < n; ++i) {
        if (!(x[i] > heap.front().first)) continue;
        std::pop_heap(heap.begin(), heap.end(), before);
        heap.back() = {x[i], static_cast<place>(i)};
        std::push_heap(heap.begin(), heap.end(), before);
    }
    std::sort_heap(heap.begin(), heap.end(), before);
    std::transform(heap.begin(), heap.end(), y, [](const auto& found) { return found.first; });
}

}

void add_standard(const problem& p, std::vector<contender>& out) {
    const std::size_t n = p.n();
    const float *x = p.x, *w = p.w;
    if (p.name == "sort") {
        add_alone<float>(p, n, [x, n](float* y) {
            std::copy_n(x, n, y);
            std::sort(y, y + n);
            return n;
        }, out);
    }
    if (p.name == "sort_rows") {
        add_alone<float>(p, n, [x, n, columns = p.size.columns](float* y) {
            std::copy_n(x, n, y);
            for (std::size_t i = 0; i < n; i += columns) std::sort(y + i, y + i + columns);
            return n;
        }, out);
    }
    if (p.name == "argsort") {
        add_alone<place>(p, n, [x, n](place* y) {
            std::iota(y, y + n, place{0});
            std::stable_sort(y, y + n, [x](place a, place b) { return x[a] < x[b]; });
            return n;
        }, out);
    }
    if (p.name == "median") {
        add_alone<float>(p, n, [x, n](float* y) {
            std::copy_n(x, n, y);
            float* const middle = y + n / 2;
            std::nth_element(y, middle, y + n);
            y[0] = n % 2 == 1 ? *middle : (*middle + *std::max_element(y, middle)) / 2;
            return std::size_t{1};
        }, out);
    }
    if (p.name == "topk") {
        add_alone<float>(p, top_count, [x, n, heap = std::make_shared<std::vector<std::pair<float, place>>>()](float* y) {
            find_best(y, x, n, *heap);
            return top_count;
        }, out);
    }
    if (p.name == "unique") {
        add_alone<float>(p, n, [x, n](float* y) {
            std::copy_n(x, n, y);
            std::sort(y, y + n);
            return static_cast<std::size_t>(std::unique(y, y + n) - y);
        }, out);
    }
    if (p.name == "searchsorted") {
        add_alone<place>(p, n, [x, w, n](place* y) {
            for (std::size_t i = 0; i < n; ++i) y[i] = std::lower_bound(x, x + n, w[i]) - x;
            return n;
        }, out);
    }
}

}
