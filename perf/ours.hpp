// What the files that use Sinter share.
#pragma once

#include <sinter/sinter.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "contenders.hpp"

namespace perf {

namespace sn = sinter;

// By kind; each adds nothing for a problem it does not know.
void add_ours_elementwise(const problem& p, std::vector<contender>& out);
void add_ours_reductions(const problem& p, std::vector<contender>& out);
void add_ours_halves(const problem& p, std::vector<contender>& out);
void add_ours_grids(const problem& p, std::vector<contender>& out);
void add_ours_order(const problem& p, std::vector<contender>& out);
void add_ours_pieces(const problem& p, std::vector<contender>& out);
void add_ours_types(const problem& p, std::vector<contender>& out);
void add_ours_rows(const problem& p, std::vector<contender>& out);
void add_ours_fixed(const problem& p, std::vector<contender>& out);

void use_threads(int threads);

[[nodiscard]] inline sn::array<float> vector_of(const float* values, std::size_t n) { return sn::from(std::span<const float>(values, n)); }

[[nodiscard]] inline sn::array<float> matrix_of(const float* values, std::size_t rows, std::size_t columns) {
    return sn::from(std::span<const float>(values, rows * columns), {static_cast<sn::index_t>(rows), static_cast<sn::index_t>(columns)});
}

// record() gives the result of one evaluation as an array of any type, pending or not. elements: how many there are, for "to" as well; 0 for none.
template <class Record>
void add_statement(const problem& p, std::size_t elements, Record record, std::vector<contender>& out) {
    using array = decltype(record());
    using T = typename array::value_type;
    const auto y = std::make_shared<array>();
    contender c{"ours", [y, record](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            *y = record();
            y->eval();
        }
        observe(y.get());
    }};
    c.result = [y, run = c.run] {
        run(1);
        return std::vector<float>(y->data(), y->data() + y->size());
    };
    c.enter = [threads = p.threads] { use_threads(threads); };
    const auto enter = c.enter;
    if (elements == 0) {
        // Carried out when it is called, so there is nothing to predict.
        out.push_back(std::move(c));
        return;
    }
    c.predicted = [record] { return sn::explain(record()).predicted_seconds; };
    out.push_back(std::move(c));
    const auto place = std::make_shared<memory>((elements * sizeof(T) + sizeof(float) - 1) / sizeof(float));
    const std::span<T> there(reinterpret_cast<T*>(place->data()), elements);
    contender d{"to", [record, place, there](std::size_t repetitions) {
        for (; repetitions > 0; --repetitions) {
            const array pending = record();
            sn::eval(sn::to(there, pending));
            observe(there.data());
        }
    }};
    d.result = [there, run = d.run] {
        run(1);
        return std::vector<float>(there.begin(), there.end());
    };
    d.enter = enter;
    out.push_back(std::move(d));
}

}
