#pragma once

#include <memory>

namespace sinter::inline v1::detail::base {

/// One object that a thread keeps between uses, so that its memory is used again. Whoever takes it while it is taken gets a new one. Still
/// works when the thread's own objects are gone already, in the destructors of static objects.
template <class T>
class thread_spare {
public:
    [[nodiscard]] static std::unique_ptr<T> take() {
        T* const kept = kept_;
        kept_ = nullptr;
        return kept != nullptr ? std::unique_ptr<T>{kept} : std::make_unique<T>();
    }
    static void give(std::unique_ptr<T> back) noexcept {
        if (gone_ || kept_ != nullptr) return;
        static thread_local const leaver at_the_end;
        static_cast<void>(at_the_end);
        kept_ = back.release();
    }

private:
    struct leaver {
        leaver() noexcept = default;
        leaver(const leaver&) = delete;
        leaver& operator=(const leaver&) = delete;
        ~leaver() {
            delete kept_;
            kept_ = nullptr;
            gone_ = true;
        }
    };

    // Without destructors, so that they can be looked at to the very end.
    static inline thread_local T* kept_ = nullptr;
    static inline thread_local bool gone_ = false;
};

}  // namespace sinter::inline v1::detail::base
