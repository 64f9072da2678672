#include "numa.hpp"

#include "runtime/pages.hpp"
#include "runtime/pool.hpp"

#include <sinter/sinter.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>

namespace numa {

namespace {

using clock = std::chrono::steady_clock;

[[nodiscard]] double since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

// One statement over operands of so many bytes each, again and again for some milliseconds; seconds of one.
[[nodiscard]] double triad(std::size_t bytes) {
    const auto n = static_cast<sinter::index_t>(bytes / sizeof(float));
    static sinter::array<float> x, z, y;
    if (x.size() != n) {
        x = sinter::full<float>({n}, 1.5F);
        z = sinter::full<float>({n}, 2.5F);
        sinter::eval(x, z);
        for (int i = 0; i < 3; ++i) (y = 2.0F * x + z).eval();
    }
    int done = 0;
    const auto start = clock::now();
    do {
        (y = 2.0F * x + z).eval();
        ++done;
    } while (since(start) < 4e-3);
    return since(start) / done;
}

// The first values in memory of so many bytes: fresh, or what was given back before.
[[nodiscard]] double first_values(std::size_t bytes, bool recycled) {
    const auto n = static_cast<sinter::index_t>(bytes / sizeof(float));
    sinter::detail::runtime::set_pool_limit(2 * bytes);
    if (recycled) static_cast<void>(sinter::full<float>({n}, 0.5F).eval());
    if (!recycled) sinter::detail::runtime::trim();
    sinter::array<float> y = sinter::full<float>({n}, 1.5F);
    const auto start = clock::now();
    y.eval();
    return since(start);
}

// The system's own clearing of pages: nothing is written to them here.
[[nodiscard]] double cleared(std::size_t bytes, bool huge) {
    namespace rt = sinter::detail::runtime;
    void* const memory = rt::map_pages(bytes, rt::huge_page_bytes, huge ? rt::page_kind::advised : rt::page_kind::small);
    if (memory == nullptr) throw std::runtime_error("no memory for a measurement");
    const auto start = clock::now();
    // MADV_POPULATE_WRITE, of Linux 5.14.
    if (::madvise(memory, bytes, 23) != 0) {
        auto* const first = static_cast<volatile char*>(memory);
        for (std::size_t at = 0; at < bytes; at += rt::page_bytes) first[at] = 0;
    }
    const double seconds = since(start);
    rt::unmap_pages(memory, bytes);
    return seconds;
}

}

int serve(const options& o) {
    std::string line;
    for (int c = std::getchar(); c != EOF; c = std::getchar()) {
        if (c != '\n') {
            line += static_cast<char>(c);
            continue;
        }
        double seconds = 0;
        if (line.starts_with("triad ")) seconds = triad(static_cast<std::size_t>(std::atoll(line.c_str() + 6)));
        if (line == "fresh") seconds = first_values(o.bytes, false);
        if (line == "recycled") seconds = first_values(o.bytes, true);
        if (line == "cleared 4k") seconds = cleared(o.bytes, false);
        if (line == "cleared huge") seconds = cleared(o.bytes, true);
        std::printf("%.9e\n", seconds);
        std::fflush(stdout);
        line.clear();
    }
    return 0;
}

server::server(const std::string& program, const std::vector<std::string>& settings, const options& o) {
    int to[2], from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
        ::dup2(to[0], 0);
        ::dup2(from[1], 1);
        for (const std::string& s : settings) ::putenv(const_cast<char*>(s.c_str()));
        const std::string bytes = std::to_string(o.bytes);
        ::execl(program.c_str(), program.c_str(), "--serve", "--bytes", bytes.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    to_ = ::fdopen(to[1], "w");
    from_ = ::fdopen(from[0], "r");
}

server::~server() {
    std::fclose(to_);
    std::fclose(from_);
    ::waitpid(child_, nullptr, 0);
}

double server::seconds(const std::string& what) {
    std::fprintf(to_, "%s\n", what.c_str());
    std::fflush(to_);
    double result = 0;
    if (std::fscanf(from_, "%lf", &result) != 1) throw std::runtime_error("a measuring process has ended");
    return result;
}

}
