// sinter_numa: what the nodes of this machine cost, and what placement by them gains; on a machine of one node, that it costs nothing.
//
//   sinter_numa [--bytes n] [--rounds n]
//
// --bytes: of the buffers for the first touch (default 1 GiB); others take a part of it.

#include "numa.hpp"

#include <sinter/sinter.hpp>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>

namespace {

using numa::median;
using numa::server;

// Rounds take turns, so that a machine that changes its speed changes all alike.
void compare_modes(const std::string& program, const numa::options& o) {
    const char* const modes[] = {"off", "auto", "force"};
    std::vector<std::unique_ptr<server>> servers;
    for (const char* m : modes) servers.push_back(std::make_unique<server>(program, std::vector<std::string>{std::string("SINTER_NUMA=") + m}, o));
    std::printf("y = 2 x + z by SINTER_NUMA: time of `off` over the other's, median of ratios within rounds\n");
    for (const std::size_t bytes : {std::size_t{4} << 10, std::size_t{64} << 10, std::size_t{1} << 20, std::size_t{16} << 20, o.bytes / 8}) {
        const std::string what = "triad " + std::to_string(bytes);
        for (auto& s : servers) static_cast<void>(s->seconds(what));
        std::vector<double> off, automatic, force;
        for (int i = 0; i < 4 * o.rounds; ++i) {
            double seconds[3];
            for (int k = 0; k < 3; ++k) seconds[(i + k) % 3] = servers[static_cast<std::size_t>((i + k) % 3)]->seconds(what);
            off.push_back(seconds[0]);
            automatic.push_back(seconds[0] / seconds[1]);
            force.push_back(seconds[0] / seconds[2]);
        }
        std::printf("  %9zu KiB each: off %9.1f us, auto %5.3f, force %5.3f\n", bytes >> 10, median(off) * 1e6, median(automatic), median(force));
    }
}

void first_touch(const std::string& program, const numa::options& o) {
    server small(program, {"SINTER_HUGE_PAGES=off"}, o), huge(program, {"SINTER_HUGE_PAGES=advise"}, o);
    struct row {
        const char* name;
        server* by;
        const char* what;
        std::vector<double> times;
    };
    std::vector<row> rows{{"fresh, pages of 4 KiB", &small, "fresh", {}},        {"the system alone clears such pages, one thread", &small, "cleared 4k", {}},
                          {"fresh, huge pages", &huge, "fresh", {}},             {"the system alone clears such pages, one thread", &huge, "cleared huge", {}},
                          {"recycled, pages of 4 KiB", &small, "recycled", {}}, {"recycled, huge pages", &huge, "recycled", {}}};
    for (int i = 0; i < (o.rounds + 2) / 3; ++i) {
        for (row& r : rows) r.times.push_back(r.by->seconds(r.what));
    }
    std::printf("first values in %zu MiB\n", o.bytes >> 20);
    for (const row& r : rows) std::printf("  %-48s %8.1f ms\n", r.name, median(r.times) * 1e3);
}

}

int main(int argc, char** argv) try {
    numa::options o;
    bool serving = false;
    for (int i = 1; i < argc; ++i) {
        const std::string word = argv[i];
        if (word == "--serve") {
            serving = true;
        } else if (word == "--bytes" && i + 1 < argc) {
            o.bytes = static_cast<std::size_t>(std::atoll(argv[++i]));
        } else if (word == "--rounds" && i + 1 < argc) {
            o.rounds = std::atoi(argv[++i]);
        } else {
            std::fprintf(stderr, "usage: sinter_numa [--bytes n] [--rounds n]\n");
            return 2;
        }
    }
    if (o.bytes < (std::size_t{32} << 20) || o.rounds < 1) {
        std::fprintf(stderr, "sinter_numa: at least 32 MiB and one round\n");
        return 2;
    }
    if (serving) return numa::serve(o);
    std::printf("%s\n", sinter::about().to_string().c_str());
    numa::print_splits();
    numa::measure_pairs(o);
    numa::measure_placements(o);
    compare_modes("/proc/self/exe", o);
    first_touch("/proc/self/exe", o);
    return 0;
} catch (const std::exception& e) {
    std::fprintf(stderr, "sinter_numa: %s\n", e.what());
    return 2;
}
