#include "program.hpp"

namespace programs {

namespace {

using floats = sn::array<float>;

sn::index_t size(bool tiny, sn::index_t full, sn::index_t small = 333) { return tiny ? small : full; }

// Programs of one vector or several, with the number of elements in the name.
void add_sizes(std::vector<program>& to, const std::string& name, const std::string& what, const std::vector<std::pair<std::string, sn::index_t>>& sizes,
               const std::function<std::function<recorded()>(sn::index_t)>& make) {
    for (const auto& [label, n] : sizes) {
        to.push_back({name + "_" + label, what, [=, n = n](bool tiny) { return make(tiny ? std::min<sn::index_t>(n, 333) : n); }});
    }
}

const std::vector<std::pair<std::string, sn::index_t>> three_sizes{{"4Ki", 4 << 10}, {"1Mi", 1 << 20}, {"16Mi", 16 << 20}};

}  // namespace

void add_elementwise(std::vector<program>& to) {
    add_sizes(to, "axpy", "a * x + y", three_sizes, [](sn::index_t n) {
        return [x = numbers<float>({n}), y = numbers<float>({n}, 1, 3)] { return recorded().want(floats(1.5f * x + y)); };
    });
    add_sizes(to, "statements", "five statements, one after the other", {{"256", 256}, {"1Mi", 1 << 20}}, [](sn::index_t n) {
        return [x = numbers<float>({n}), y = numbers<float>({n}, 1, 3)] {
            const floats a = x + y, b = a * x, c = b - 2.0f, d = sqrt(abs(c)), e = d / a;
            return recorded().want(e);
        };
    });
    add_sizes(to, "held_statements", "the same, and the program keeps what comes between", {{"64Ki", 64 << 10}}, [](sn::index_t n) {
        return [x = numbers<float>({n}), y = numbers<float>({n}, 1, 3)] {
            const floats a = x + y, b = a * x, c = b - 2.0f, d = sqrt(abs(c)), e = d / a;
            return recorded().want(e).hold(a).hold(c);
        };
    });
    add_sizes(to, "polynomial", "of degree 12", {{"64Ki", 64 << 10}, {"4Mi", 4 << 20}}, [](sn::index_t n) {
        return [x = numbers<float>({n})] {
            floats p = 0.25f * x + 0.5f;
            for (int k = 0; k < 11; ++k) p = p * x + (0.1f * static_cast<float>(k) - 0.4f);
            return recorded().want(p);
        };
    });
    add_sizes(to, "normal_density", "one exp an element", {{"16", 16}, {"1Mi", 1 << 20}}, [](sn::index_t n) {
        return [x = numbers<float>({n})] {
            const floats z = (x - 1.25f) / 0.4f;
            return recorded().want(floats(exp(-0.5f * z * z) * 0.9973557f));
        };
    });
    add_sizes(to, "shared_cheap", "a cheap value that two results use", {{"64Ki", 64 << 10}, {"8Mi", 8 << 20}}, [](sn::index_t n) {
        return [x = numbers<float>({n})] {
            const floats t = x + 1.0f;
            return recorded().want(floats(t * t)).want(floats(t - 2.0f));
        };
    });
    add_sizes(to, "shared_costly", "a costly value that two results use", {{"64Ki", 64 << 10}, {"4Mi", 4 << 20}}, [](sn::index_t n) {
        return [x = numbers<float>({n})] {
            const floats t = pow(x, 2.2f);
            return recorded().want(floats(t + 1.0f)).want(floats(t * x));
        };
    });
    add_sizes(to, "eight_results", "of one input", {{"32Ki", 32 << 10}, {"2Mi", 2 << 20}}, [](sn::index_t n) {
        return [x = numbers<float>({n})] {
            recorded r;
            for (int k = 0; k < 8; ++k) r.want(floats(x * (1.0f + static_cast<float>(k)) + 0.5f));
            return r;
        };
    });
    add_sizes(to, "twelve_inputs", "added up", {{"1Mi", 1 << 20}}, [](sn::index_t n) {
        std::vector<floats> inputs;
        for (int k = 0; k < 12; ++k) inputs.push_back(numbers<float>({n}, k, k + 1));
        return [inputs] {
            floats s = inputs[0];
            for (std::size_t k = 1; k < inputs.size(); ++k) s = s + inputs[k];
            return recorded().want(s);
        };
    });
    add_sizes(to, "option_prices", "call and put, by logarithms, roots and hyperbolic tangents", {{"256Ki", 256 << 10}}, [](sn::index_t n) {
        return [spot = numbers<float>({n}, 50, 150), strike = numbers<float>({n}, 60, 140), years = numbers<float>({n}, 0.2, 3)] {
            const floats spread = 0.3f * sqrt(years);
            const floats d1 = (log(spot / strike) + 0.065f * years) / spread;
            const floats d2 = d1 - spread;
            const floats n1 = 0.5f * (1.0f + tanh(d1 * 0.7978846f)), n2 = 0.5f * (1.0f + tanh(d2 * 0.7978846f));
            const floats due = strike * exp(-0.02f * years);
            const floats call = spot * n1 - due * n2;
            const floats put = call - spot + due;
            return recorded().want(call).want(put);
        };
    });
    to.push_back({"grey_from_bytes", "three planes of 8-bit numbers to float", [](bool tiny) {
                      const sn::index_t n = size(tiny, 2 << 20);
                      return [r = numbers<std::uint8_t>({n}, 0, 255), g = numbers<std::uint8_t>({n}, 0, 250), b = numbers<std::uint8_t>({n}, 0, 240)] {
                          return recorded().want(floats(sn::cast<float>(r) * 0.299f + sn::cast<float>(g) * 0.587f + sn::cast<float>(b) * 0.114f));
                      };
                  }});
    to.push_back({"bytes_from_float", "scaled, clipped and rounded", [](bool tiny) {
                      const sn::index_t n = size(tiny, 2 << 20);
                      return [x = numbers<float>({n})] {
                          return recorded().want(sn::array<std::uint8_t>(sn::cast<std::uint8_t>(sn::minimum(sn::maximum(rint(x * 127.5f), 0.0f), 255.0f))));
                      };
                  }});
    to.push_back({"double_and_float", "mixed in one statement, both wanted", [](bool tiny) {
                      const sn::index_t n = size(tiny, 1 << 20);
                      return [x = numbers<double>({n}), y = numbers<float>({n})] {
                          const sn::array<double> d = x * y + 1.0;
                          return recorded().want(d).want(floats(sn::cast<float>(d) - y));
                      };
                  }});
    to.push_back({"row_bias_gelu", "a row added to each row, and an activation", [](bool tiny) {
                      const sn::index_t rows = size(tiny, 2048, 17), columns = size(tiny, 768, 37);
                      return [m = numbers<float>({rows, columns}, -2, 2), bias = numbers<float>({columns})] {
                          const floats v = m + bias;
                          return recorded().want(floats(0.5f * v * (1.0f + tanh(v * 0.7978846f))));
                      };
                  }});
    to.push_back({"costly_row", "exp of a row, by which all rows are multiplied", [](bool tiny) {
                      const sn::index_t rows = size(tiny, 1024, 17), columns = size(tiny, 1024, 37);
                      return [m = numbers<float>({rows, columns}), row = numbers<float>({columns})] {
                          const floats scale = exp(row);
                          return recorded().want(floats(m * scale));
                      };
                  }});
    to.push_back({"costly_column", "exp of a column, by which all columns are multiplied", [](bool tiny) {
                      const sn::index_t rows = size(tiny, 1024, 17), columns = size(tiny, 1024, 37);
                      return [m = numbers<float>({rows, columns}), column = numbers<float>({rows, 1})] {
                          const floats scale = exp(column);
                          return recorded().want(floats(m * scale));
                      };
                  }});
    to.push_back({"short_rows", "three columns, each with its own factor", [](bool tiny) {
                      const sn::index_t rows = size(tiny, 1 << 20, 100);
                      return [m = numbers<float>({rows, 3}), factor = numbers<float>({3})] { return recorded().want(floats(m * factor + 0.5f)); };
                  }});
    to.push_back({"every_second", "elements with gaps, on both sides", [](bool tiny) {
                      const sn::index_t n = size(tiny, 2 << 20, 334);
                      return [x = numbers<float>({n})] {
                          return recorded().want(floats(x(sn::range(0, {}, 2)) * x(sn::range(1, {}, 2))));
                      };
                  }});
    to.push_back({"backwards", "the same numbers from both ends", [](bool tiny) {
                      const sn::index_t n = size(tiny, 1 << 20);
                      return [x = numbers<float>({n})] { return recorded().want(floats(x + x(sn::range({}, {}, -1)))); };
                  }});
}

}  // namespace programs
