#include "plugin.hpp"

#if defined(USES_SINTER)
#include "statements.hpp"
#endif

#include <dlfcn.h>

#include <cstring>
#include <exception>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// host <way> <static or shared> <plugin>...: opens shared objects that use Sinter, and closes them.

namespace {

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

/// One shared object, while it is open.
class opened {
public:
    explicit opened(const char* file) : object_{::dlopen(file, RTLD_NOW | RTLD_LOCAL)} {
        if (object_ == nullptr) throw std::runtime_error(::dlerror());
        offers_ = static_cast<const plugin*>(::dlsym(object_, "offer"));
        must(offers_ != nullptr, "it has its entry");
    }
    opened(opened&& other) noexcept : object_{std::exchange(other.object_, nullptr)}, offers_{other.offers_} {}
    opened& operator=(opened&&) = delete;
    ~opened() {
        if (object_ != nullptr) ::dlclose(object_);
    }
    const plugin* operator->() const noexcept { return offers_; }

private:
    void* object_;
    const plugin* offers_;
};

[[nodiscard]] bool is_loaded(const char* file) {
    void* const there = ::dlopen(file, RTLD_NOW | RTLD_NOLOAD);
    if (there != nullptr) ::dlclose(there);
    return there != nullptr;
}

void own_statements([[maybe_unused]] int salt) {
#if defined(USES_SINTER)
    check_values(salt);
#endif
}

/// Runs it on a thread that has ended when this returns; what it threw is thrown on.
void on_a_thread(const std::function<void()>& what) {
    std::exception_ptr failure;
    std::thread{[&] {
        try {
            what();
        } catch (...) {
            failure = std::current_exception();
        }
    }}.join();
    if (failure) std::rethrow_exception(failure);
}

struct setting {
    bool is_static;
    std::vector<const char*> files;  // with hidden symbols, with visible ones, and a copy of the first
};

void reopen(const setting& s) {
    for (int i = 1; i < 6; ++i) {
        for (const char* const file : s.files) {
            {
                const opened p(file);
                p->run(i);
            }
            own_statements(i);
            on_a_thread([&] { opened(file)->run(i); });
            // The library stays where its threads can find it; what only uses it goes.
            must(is_loaded(file) == s.is_static, "what stays in memory");
        }
    }
}

void copies(const setting& s) {
    std::vector<opened> all;
    for (const char* const file : s.files) all.emplace_back(file);
    for (int i = 1; i < 4; ++i) {
        for (const opened& p : all) p->run(i);
        own_statements(i);
    }
    all.pop_back();
    for (const opened& p : all) p->run(4);
}

void threads(const setting& s) {
    std::vector<std::exception_ptr> failures(2 * s.files.size());
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < failures.size(); ++t) {
        running.emplace_back([&s, t, &failure = failures[t]] {
            try {
                for (int i = 1; i < 10; ++i) {
                    const opened p(s.files[t % s.files.size()]);
                    p->run(i);
                    own_statements(i);
                }
            } catch (...) {
                failure = std::current_exception();
            }
        });
    }
    for (std::thread& t : running) t.join();
    for (const std::exception_ptr& f : failures) {
        if (f) std::rethrow_exception(f);
    }
}

/// The process ends while one is closed and others are open.
void at_exit(const setting& s) {
    opened(s.files[0])->run(1);
    static const opened visible(s.files[1]);
    visible->run(2);
    auto* const never_closed = new opened(s.files[2]);
    (*never_closed)->run(3);
    own_statements(4);
}

void errors(const setting& s) {
    for (const char* const file : s.files) {
        const opened p(file);
        std::string said;
        try {
            p->fail();
#if defined(USES_SINTER)
        } catch (const sn::shape_error& e) {
            said = e.what();
#else
        } catch (const std::runtime_error& e) {
            said = e.what();
#endif
        }
        must(said.find("(3)") != std::string::npos, "an error arrives as what it is, with its words");
    }
}

/// Arrays pass from one to the other where both use the same library, and outlive the code that made them.
void outlive(const setting& s) {
    if (s.is_static) {
        for (const char* const file : s.files) {
            const opened p(file);
            void* const mine = p->make(1000, true);
            must(p->total(mine) == 7000, "arrays stay with their library");
        }
        return;
    }
    for (const char* const file : s.files) {
        void* computed = nullptr;
        {
            const opened p(file);
            computed = p->make(1000, true);
            const opened other(s.files[1]);
            must(other->total(p->make(2000, false)) == 14000, "a pending array that another shared object computes");
        }
#if defined(USES_SINTER)
        auto* const array = static_cast<sn::array<float>*>(computed);
        must(!sn::explain(*array * 2.0f).to_string().empty(), "a plan over an array whose statement is gone");
        bool refused = false;
        try {
            static_cast<void>(array->item());
        } catch (const sn::shape_error&) {
            refused = true;
        }
        must(refused, "a message about an array whose statement is gone");
#endif
        must(opened(s.files[1])->total(computed) == 7000, "an array whose statement is gone");
    }
}

}  // namespace

int main(int count, char** arguments) {
    const std::string way = arguments[1];
    const setting s{std::strcmp(arguments[2], "static") == 0, {arguments + 3, arguments + count}};
    try {
        must(s.files.size() == 3, "three shared objects");
        if (way == "reopen") {
            reopen(s);
        } else if (way == "copies") {
            copies(s);
        } else if (way == "threads") {
            threads(s);
        } else if (way == "exit") {
            at_exit(s);
        } else if (way == "errors") {
            errors(s);
        } else if (way == "outlive") {
            outlive(s);
        } else {
            must(false, "a way that is known");
        }
    } catch (const std::exception& e) {
        std::cout << "FAILED " << e.what() << '\n';
        return 1;
    }
}
