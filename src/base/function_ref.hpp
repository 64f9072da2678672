#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace sinter::inline v1::detail::base {

template <class Signature>
class function_ref;

/// Something that can be called as R(Args...), and is not itself the reference type Ref.
template <class F, class Ref, class R, class... Args>
concept referable =
    !std::same_as<std::remove_cvref_t<F>, Ref> && std::is_object_v<std::remove_reference_t<F>> && std::is_invocable_r_v<R, F&, Args...>;

/// A callable that someone else keeps alive for as long as it may be called: two words, no allocation.
template <class R, class... Args>
class function_ref<R(Args...)> {
public:
    template <referable<function_ref, R, Args...> F>
    // NOLINTNEXTLINE(google-explicit-constructor): a lambda is meant to be passed as it is
    function_ref(F&& f) noexcept : object_{const_cast<void*>(static_cast<const void*>(std::addressof(f)))}, call_{call<std::remove_reference_t<F>>} {}

    R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

private:
    template <class F>
    static R call(void* object, Args... args) {
        return static_cast<R>((*static_cast<F*>(object))(std::forward<Args>(args)...));
    }

    void* object_;
    R (*call_)(void*, Args...);
};

}  // namespace sinter::inline v1::detail::base
