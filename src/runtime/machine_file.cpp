#include "runtime/machine_file.hpp"

#include "base/settings.hpp"
#include "plan/machine_text.hpp"

#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sinter::inline v1::detail::runtime {

namespace {

/// Goes up when what is measured, or what it means, changes.
constexpr const char* title = "# Sinter's machine, version 4";
constexpr std::string_view checksum_key = "# checksum ";
constexpr std::size_t largest_file = std::size_t{1} << 20;

[[nodiscard]] std::uint64_t fnv(std::string_view text) noexcept {
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return h;
}

[[nodiscard]] std::string hexadecimal(std::uint64_t x) {
    std::array<char, 16> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), x, 16).ptr};
}

/// Which machine it is, beside the numbers that the text has anyway.
[[nodiscard]] std::string identity() { return "# processor " + plan::processor_name() + ", " + plan::processor_model(); }

[[nodiscard]] std::string folder() {
    const auto variable = [](const char* name) { return std::string(std::getenv(name) != nullptr ? std::getenv(name) : ""); };
    if (std::string own = variable("SINTER_CACHE_DIR"); !own.empty()) return own;
    // A relative one means nothing, says the specification of XDG.
    if (const std::string cache = variable("XDG_CACHE_HOME"); cache.starts_with('/')) return cache + "/sinter";
    const std::string home = variable("HOME");
    return home.starts_with('/') ? home + "/.cache/sinter" : "";
}

[[nodiscard]] std::string reason(const char* what, const std::string& file) { return std::string(what) + " " + file + ": " + std::strerror(errno); }

[[nodiscard]] bool is_folder(const std::string& path) noexcept {
    struct stat found;
    return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

/// And those around it. False, and why, at the first one that is not there then.
[[nodiscard]] bool make_folder(const std::string& path, std::string& why) {
    for (std::size_t at = path.find('/', 1);; at = path.find('/', at + 1)) {
        const std::string part = path.substr(0, at);
        if (::mkdir(part.c_str(), 0700) != 0) {
            const int failed = errno;
            if (!is_folder(part)) {
                errno = failed == EEXIST ? ENOTDIR : failed;
                why = reason("cannot make the folder", part);
                return false;
            }
        }
        if (at == std::string::npos) return true;
    }
}

/// A name beside the file's, its own for each writer, threads of one process too.
[[nodiscard]] std::string name_beside(const std::string& file) {
    static std::atomic<unsigned> number{0};
    return file + "." + std::to_string(::getpid()) + "." + std::to_string(number.fetch_add(1)) + ".new";
}

class open_file {
public:
    open_file(const char* path, int flags) noexcept : fd_{::open(path, flags | O_CLOEXEC, 0600)} {}
    open_file(const open_file&) = delete;
    open_file& operator=(const open_file&) = delete;
    ~open_file() { static_cast<void>(close()); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool close() noexcept {
        const int fd = fd_;
        fd_ = -1;
        return fd < 0 || ::close(fd) == 0;
    }

private:
    int fd_;
};

}  // namespace

std::string machine_file(const plan::machine& like) {
    if (!base::env().disk_cache) return {};
    const std::string in = folder();
    if (in.empty()) return {};
    return in + "/machine-" + hexadecimal(fnv(identity())) + "-" + plan::name_of(like.best) + "-" + std::to_string(like.threads) + ".txt";
}

std::string sealed(const plan::machine& m) {
    std::string s = std::string(title) + ", of " + SINTER_VERSION + "\n" + identity() + "\n" + plan::to_text(m);
    return s + std::string(checksum_key) + hexadecimal(fnv(s)) + "\n";
}

std::optional<plan::machine> unsealed(std::string_view text, const plan::machine& like, std::string& why) {
    const auto refuse = [&](const char* reason) {
        why = reason;
        return std::nullopt;
    };
    const std::size_t last = text.rfind(checksum_key);
    if (last == std::string_view::npos) return refuse("cut off, or no such file");
    const std::string_view body = text.substr(0, last);
    if (text.substr(last) != std::string(checksum_key) + hexadecimal(fnv(body)) + "\n") return refuse("the checksum is wrong");
    if (!body.starts_with(std::string(title) + ", of " + SINTER_VERSION + "\n")) return refuse("of another version");
    if (body.find("\n" + identity() + "\n") == std::string_view::npos) return refuse("of another processor");
    std::optional<plan::machine> m = plan::from_text(body, why);
    if (!m) return std::nullopt;
    const auto same_caches = [&](auto level) {
        return ((*m).*level).bytes == (like.*level).bytes && ((*m).*level).shared == (like.*level).shared;
    };
    if (m->best != like.best) return refuse("for another instruction set");
    if (m->threads != like.threads) return refuse("for another number of threads");
    using plan::machine;
    if (!same_caches(&machine::l1) || !same_caches(&machine::l2) || !same_caches(&machine::l3)) return refuse("for other caches");
    return m;
}

std::optional<plan::machine> read_machine(const std::string& file, const plan::machine& like, std::string& why) {
    const open_file in{file.c_str(), O_RDONLY};
    if (in.get() < 0) {
        if (errno != ENOENT && errno != ENOTDIR) why = reason("cannot open", file);
        return std::nullopt;
    }
    std::string text;
    std::array<char, 8192> part;
    for (;;) {
        const ssize_t got = ::read(in.get(), part.data(), part.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            why = reason("cannot read", file);
            return std::nullopt;
        }
        if (got == 0) break;
        text.append(part.data(), static_cast<std::size_t>(got));
        if (text.size() > largest_file) break;
    }
    std::optional<plan::machine> m = unsealed(text, like, why);
    if (!m) why = file + " is of no use: " + why;
    return m;
}

bool may_write_machine(const std::string& file, std::string& why) {
    if (!make_folder(file.substr(0, file.rfind('/')), why)) return false;
    if (is_folder(file)) {
        errno = EISDIR;
        why = reason("cannot write", file);
        return false;
    }
    const std::string made = name_beside(file);
    if (const open_file out{made.c_str(), O_WRONLY | O_CREAT | O_EXCL}; out.get() < 0) {
        why = reason("cannot write", file);
        return false;
    }
    ::unlink(made.c_str());
    return true;
}

bool write_machine(const std::string& file, const plan::machine& m, std::string& why) {
    if (!make_folder(file.substr(0, file.rfind('/')), why)) return false;
    const std::string made = name_beside(file);
    const std::string text = sealed(m);
    {
        open_file out{made.c_str(), O_WRONLY | O_CREAT | O_EXCL};
        if (out.get() < 0) {
            why = reason("cannot write", made);
            return false;
        }
        std::size_t done = 0;
        while (done < text.size()) {
            const ssize_t put = ::write(out.get(), text.data() + done, text.size() - done);
            if (put < 0 && errno == EINTR) continue;
            if (put <= 0) break;
            done += static_cast<std::size_t>(put);
        }
        if (done < text.size() || !out.close()) {
            why = reason("cannot write", made);
            ::unlink(made.c_str());
            return false;
        }
    }
    if (std::rename(made.c_str(), file.c_str()) != 0) {
        why = reason("cannot rename to", file);
        ::unlink(made.c_str());
        return false;
    }
    return true;
}

}  // namespace sinter::inline v1::detail::runtime
