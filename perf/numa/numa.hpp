// What several nodes cost and give. See main.cpp.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace numa {

struct options {
    std::size_t bytes = std::size_t{1} << 30;  // of the largest buffers
    int rounds = 15;
};

[[nodiscard]] double median(std::vector<double> values);

// Bandwidth and latency from each node to each memory, and a triad under each placement: in this process.
void measure_pairs(const options& o);
void measure_placements(const options& o);

// The split that would be chosen for a described machine of 2 x 64 cores.
void print_splits();

// Settings are read once in a process: a server is this program with others, which measures one thing each time it is asked.
class server {
public:
    server(const std::string& program, const std::vector<std::string>& settings, const options& o);
    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();
    [[nodiscard]] double seconds(const std::string& what);

private:
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
    int child_ = -1;
};
[[nodiscard]] int serve(const options& o);

}
