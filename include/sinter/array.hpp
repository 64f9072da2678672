#pragma once

#include <sinter/detail/half_lane.hpp>
#include <sinter/detail/indexing.hpp>
#include <sinter/detail/literal.hpp>
#include <sinter/detail/reader.hpp>

namespace sinter::inline v1 {

namespace detail {

/// The elements at indices along an axis: in indexing.hpp.
template <class T>
[[nodiscard]] array<T> taken(const array<T>& x, const edge& indices, const axes_argument& axis, source where);

/// Some extents are known and some are not.
template <index_t... E>
concept partly_static = sizeof...(E) > 0 && ((E == dyn) || ...);

}  // namespace detail

/// An array of any shape, of rank 0 to 8. A value: copying shares, writing to one never changes another. It may be pending, a
/// recorded statement that nothing has needed yet; nothing that a program computes depends on that. const members are safe
/// to call from several threads.
template <class T>
class array<T> : public detail::reader<array<T>, T> {
    static_assert(detail::element<T>, "sinter: an array holds bool, integers of 8 to 64 bits, float16, bfloat16, float, double, or std::complex of the last two");

public:
    using value_type = T;

    /// Empty: rank 1, size 0.
    array() noexcept = default;
    array(const array& other) noexcept : node_{other.node_} {}
    array(array&& other) noexcept = default;
    ~array() = default;

    /// The values in braces, to any depth. Throws shape_error if they are ragged.
    array(std::initializer_list<detail::literal<T>> values) {
        const extents shape = detail::literal<T>::shape(values.begin(), values.size());
        node_ = detail::handle{detail::allocate_node(detail::dtype_of<T>, shape)};
        T* out = reinterpret_cast<T*>(node_->data);
        detail::literal<T>::write(values.begin(), values.size(), shape, 0, out);
    }

    /// Elements that x(i) gives, in braces; a row of an array of higher rank on its own is that row.
    template <class V>
        requires(detail::is_element<V> && std::same_as<typename V::value_type, T>)
    array(std::initializer_list<V> elements) {
        if (elements.size() == 1 && elements.begin()->rank() > 0) {
            *this = array(elements.begin()->reading());
            return;
        }
        *this = array(detail::handle{detail::allocate_node(detail::dtype_of<T>, extents{static_cast<index_t>(elements.size())})});
        T* out = reinterpret_cast<T*>(node_->data);
        for (const V& e : elements) *out++ = e;
    }

    /// Records a statement; nothing is computed. Throws shape_error if its shapes do not fit.
    template <class E>
        requires std::same_as<typename E::value_type, T>
    array(const expression<E>& e, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : array(detail::record(E{e.operand()}, {file, line})) {}
    template <class E>
        requires std::same_as<typename E::value_type, T>
    array(expression<E>&& e, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : array(detail::record(static_cast<expression<E>&&>(e).operand(), {file, line})) {}
    array(const slice<T>& view) : array(view.reading()) {}
    array(const masked<T>& view) : array(view.reading()) {}
    /// Does not compile: element types do not change on their own.
    template <class A>
        requires(detail::call_kind<A> == detail::kind_dynamic && !std::same_as<typename std::remove_cvref_t<A>::value_type, T>)
    array(const A&) {
        static_assert(std::same_as<typename std::remove_cvref_t<A>::value_type, T>,
                      "sinter: the value has another element type than the array: cast<T>(value) it");
    }

    /// A static array of the same element type, copied.
    template <index_t... E>
        requires(sizeof...(E) > 0) && requires { requires array<T, E...>::is_static_array; }
    array(const array<T, E...>& fixed) : node_{detail::allocate_node(detail::dtype_of<T>, extents{E...})} {
        std::memcpy(node_->data, fixed.data(), sizeof(T) * static_cast<std::size_t>(node_->size));
    }
    /// An expression of static shape, computed.
    template <class N, index_t... E>
        requires(sizeof...(E) > 0)
    array(const static_expression<N, T, E...>& e, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : array(array<T, E...>(e, file, line)) {}

    /// An array whose rank and some of whose extents are known; moved from, it keeps its rank.
    template <index_t... E>
        requires detail::partly_static<E...>
    array(array<T, E...>&& other) noexcept : array(static_cast<array&&>(other)) {
        other.leave_empty();
    }

    /// This array now has the other's value; whatever memory it had is left alone.
    array& operator=(array other) & noexcept {
        node_ = static_cast<detail::handle&&>(other.node_);
        borrowed_ = other.borrowed_;
        return *this;
    }
    array& operator=(std::initializer_list<detail::literal<T>> values) & {
        return values.size() == 0 ? *this = array() : *this = array(values);
    }

    template <class V>
        requires(detail::operands<array, V> && !detail::may_fail_for<V, T>)
    array& operator+=(V&& value) & {
        return write(*this + static_cast<V&&>(value));
    }
    template <class V>
        requires(detail::operands<array, V> && !detail::may_fail_for<V, T>)
    array& operator-=(V&& value) & {
        return write(*this - static_cast<V&&>(value));
    }
    template <class V>
        requires(detail::operands<array, V> && !detail::may_fail_for<V, T>)
    array& operator*=(V&& value) & {
        return write(*this * static_cast<V&&>(value));
    }
    template <class V>
        requires(detail::operands<array, V> && !std::is_integral_v<T>)
    array& operator/=(V&& value) & {
        return write(*this / static_cast<V&&>(value));
    }
    // By what divides integers: a statement of its own, which names its line.
    array& operator+=(detail::quotient<T> value) & { return write(*this + value.value, value.where); }
    array& operator-=(detail::quotient<T> value) & { return write(*this - value.value, value.where); }
    array& operator*=(detail::quotient<T> value) & { return write(*this * value.value, value.where); }
    array& operator/=(detail::divisor<T> value) &
        requires std::is_integral_v<T>
    {
        return value.divide(*this, [&](auto&& quotient) -> array& { return write(quotient, value.where); });
    }

    // Questions that the node answers without a new reference.
    [[nodiscard]] extents shape() const { return node_ ? node_->shape() : extents{0}; }
    [[nodiscard]] index_t rank() const noexcept { return node_ ? node_->rank : 1; }
    [[nodiscard]] index_t size() const noexcept { return node_ ? node_->size : 0; }
    [[nodiscard]] bool is_pending() const noexcept { return node_ && !node_->is_done(); }
    /// Steps between neighbours along each axis, in elements; evaluates.
    [[nodiscard]] extents strides() const {
        if (!node_) return extents{1};
        detail::evaluate(*node_);
        return extents(std::span<const index_t>(node_->stride, node_->rank));
    }

    /// Computes what is pending; returns this array.
    array& eval(detail::source where = detail::source::current()) {
        if (node_) detail::evaluate_at(*node_, where);
        return *this;
    }
    const array& eval(detail::source where = detail::source::current()) const {
        if (node_) detail::evaluate_at(*node_, where);
        return *this;
    }

    /// The elements in row-major order, contiguous; evaluates. Null only when there are none. Valid until this array changes.
    [[nodiscard]] const T* data(detail::source where = detail::source::current()) const& {
        if (size() == 0) return nullptr;
        if (!node_->is_done()) detail::evaluate_at(*node_, where);
        return reinterpret_cast<const T*>(detail::contiguous_data(*node_));
    }
    const T* data() const&& = delete;

    /// The same for writing; takes private memory first if it is shared. What is written counts until this array is next copied, or read by a statement: ask again
    /// after that. Throws value_error for borrowed memory in which the elements are not one after another.
    [[nodiscard]] T* mutable_data() & {
        return size() == 0 ? nullptr : reinterpret_cast<T*>(detail::data_for_writing(node_, borrowed_));
    }

    /// The element at these indices, for writing, checked; negative ones count from the end. Takes private memory first if it is
    /// shared. The reference is good for as long as that of mutable_data().
    template <detail::integer_index... I>
    [[nodiscard]] T& at(I... indices) & {
        const index_t list[] = {static_cast<index_t>(indices)..., 0};
        static_cast<void>(detail::element_at<T>(*nonnull(), list, sizeof...(I)));
        detail::make_private(node_, borrowed_);
        return *reinterpret_cast<T*>(detail::element_address(*node_, list, sizeof...(I)));
    }
    /// The element at these indices, checked.
    template <detail::integer_index... I>
    [[nodiscard]] T at(I... indices) const& {
        const index_t list[] = {static_cast<index_t>(indices)..., 0};
        return detail::element_at<T>(*nonnull(), list, sizeof...(I));
    }

    /// x(i, j, ...): an element by value; evaluates. As many indices as the rank; for a view, write all for the other axes.
    template <detail::integer_index I, detail::integer_index J, detail::integer_index... K>
    [[nodiscard]] T operator()(I i, J j, K... k) const {
        const index_t list[] = {static_cast<index_t>(i), static_cast<index_t>(j), static_cast<index_t>(k)...};
        return detail::element_at<T>(*nonnull(), list, sizeof...(K) + 2);
    }
    /// x(): the element of an array of rank 0.
    [[nodiscard]] T operator()() const { return detail::element_at<T>(*nonnull(), nullptr, 0); }
    /// x(i): an element, or a view of an array of higher rank.
    [[nodiscard]] element_view<T> operator()(detail::integer_index auto i) & { return view<element_view<T>>(this, i); }
    [[nodiscard]] element_view<T> operator()(detail::integer_index auto i) const& { return view<element_view<T>>(nullptr, i); }
    [[nodiscard]] element_view<T> operator()(detail::integer_index auto i) && { return view<element_view<T>>(nullptr, i); }
    /// A view: indices, range, all, newaxis and ellipsis, one for each axis; missing ones mean all.
    template <detail::index_argument... I>
        requires(!(detail::integer_index<I> && ...))
    [[nodiscard]] slice<T> operator()(I... indices) & {
        return view<slice<T>>(this, indices...);
    }
    template <detail::index_argument... I>
        requires(!(detail::integer_index<I> && ...))
    [[nodiscard]] slice<T> operator()(I... indices) const& {
        return view<slice<T>>(nullptr, indices...);
    }
    template <detail::index_argument... I>
        requires(!(detail::integer_index<I> && ...))
    [[nodiscard]] slice<T> operator()(I... indices) && {
        return view<slice<T>>(nullptr, indices...);
    }

    /// x(mask), for an array of bool in x's shape or that of its first axes: see masked, in indexing.hpp.
    template <class M>
        requires detail::array_of_type<M, bool>
    [[nodiscard]] masked<T> operator()(const M& mask, detail::source where = detail::source::current()) & {
        return masked<T>(this, reading(), array<bool>(detail::reading_of(mask, where)));
    }
    template <class M>
        requires detail::array_of_type<M, bool>
    [[nodiscard]] masked<T> operator()(const M& mask, detail::source where = detail::source::current()) const& {
        return masked<T>(nullptr, reading(), array<bool>(detail::reading_of(mask, where)));
    }
    template <class M>
        requires detail::array_of_type<M, bool>
    [[nodiscard]] masked<T> operator()(const M& mask, detail::source where = detail::source::current()) && {
        return masked<T>(nullptr, reading(), array<bool>(detail::reading_of(mask, where)));
    }
    /// x(indices), for an array of integers: take(x, indices, {.axis = 0}).
    template <class I>
        requires detail::array_of_integers<I>
    [[nodiscard]] array operator()(const I& indices, detail::source where = detail::source::current()) const {
        return detail::taken(*this, detail::reading_of(indices, where), {.list = {0}, .count = 1, .given = true}, where);
    }

    [[nodiscard]] const T* begin() const& { return data(); }
    [[nodiscard]] const T* end() const& { return data() + size(); }
    const T* begin() const&& = delete;
    const T* end() const&& = delete;

    // Not for users.
    explicit array(detail::edge n) noexcept : node_{as_handle(static_cast<detail::edge&&>(n))} {}
    explicit array(detail::handle n, bool borrowed = false) noexcept
        : node_{static_cast<detail::handle&&>(n)}, borrowed_{borrowed} {}
    [[nodiscard]] detail::edge reading() const { return detail::edge::share(nonnull()); }
    /// The node without a reference of its own: for as long as the array is not changed.
    [[nodiscard]] detail::node* looking() const { return nonnull(); }
    [[nodiscard]] detail::node* node() const noexcept { return node_.get(); }
    /// Takes the value; memory that is borrowed is written.
    void replace(array&& value) {
        if (!borrowed_) {
            *this = static_cast<array&&>(value);
            return;
        }
        const detail::index_item whole{.kind = detail::index_kind::ellipsis};
        assign_part(&whole, 1, value.reading());
    }
    /// f(node, whether to write to the memory that it borrows) may put another node in its place.
    template <class F>
    void rewrite(F&& f) {
        static_cast<void>(nonnull());
        if (!node_) node_ = detail::handle::share(detail::empty_node(detail::dtype_of<T>));
        f(node_, borrowed_);
    }
    void assign_part(const detail::index_item* items, std::size_t count, detail::edge value, detail::source where = {}) {
        static_cast<void>(nonnull());
        if (!node_) node_ = detail::handle::share(detail::empty_node(detail::dtype_of<T>));
        detail::assign_view(node_, borrowed_, items, count, value.release(), where);
    }

protected:
    template <class View, class... I>
    [[nodiscard]] View view(array* target, I... indices) const {
        const detail::index_item items[] = {detail::index_traits<I>::item(indices)..., {}};
        static_assert(sizeof...(I) <= detail::max_indices);
        return View(target, reading(), items, sizeof...(I));
    }

private:
    static detail::handle as_handle(detail::edge n) noexcept {
        detail::node* raw = n.release();
        if (raw == nullptr) return {};
        if (raw->refs.load(std::memory_order_acquire) == detail::node::one_edge) {
            raw->refs.store(detail::node::one_handle, std::memory_order_relaxed);   // nobody else has it
        } else {
            detail::add_to(raw->refs, detail::node::one_handle - detail::node::one_edge);
        }
        return detail::handle{raw};
    }
    [[nodiscard]] detail::node* nonnull() const {
        return node_ ? node_.get() : detail::empty_node(detail::dtype_of<T>);
    }
    /// Compound assignment: borrowed memory is written, anything else takes the new value.
    template <class E>
    array& write(E&& value, detail::source where = {}) {
        static_assert(std::same_as<typename std::remove_cvref_t<E>::value_type, T>,
                      "sinter: compound assignment would change the element type; cast the right-hand side");
        // Most operators are not told their line; this one's would be no help.
        array result(static_cast<E&&>(value), where.file, where.line);
        if (result.shape() != shape()) detail::throw_compound_shape(shape(), result.shape());
        replace(static_cast<array&&>(result));
        return *this;
    }

    detail::handle node_;
    bool borrowed_ = false;   // this object, not its copies, writes to the memory that it borrows
};

template <class E>
array(const expression<E>&) -> array<typename E::value_type>;
template <class T>
array(const slice<T>&) -> array<T>;
template <class T>
array(const element_view<T>&) -> array<T>;
template <class T>
array(const element_array<T>&) -> array<T>;

/// x(i), where x is an expression or a view: an array of one axis less. The element of an x of rank 1 by value, wherever a number is wanted.
template <class T>
class element_array : public array<T> {
public:
    // Not for users.
    explicit element_array(detail::edge n) noexcept : array<T>(static_cast<detail::edge&&>(n)) {}

    /// The element; evaluates. Throws shape_error if the array has a rank.
    operator T() const { return (*this)(); }
    /// A number of 16 bits is a float in arithmetic.
    operator float() const
        requires detail::half<T>
    {
        return (*this)();
    }
    /// In braces, the element.
    template <class U>
        requires std::constructible_from<detail::literal<U>, T>
    operator detail::literal<U>() const {
        return detail::literal<U>((*this)());
    }
};

/// An array whose rank and some of whose extents are known: otherwise as array<T>. Throws shape_error when given another shape.
template <class T, index_t... Extents>
    requires detail::partly_static<Extents...>
class array<T, Extents...> : public array<T> {
public:
    /// Empty: the extents that are not known are 0.
    array() : array<T>(detail::handle{nothing()}) {}
    array(const array& other) noexcept = default;
    array(array&& other) noexcept : array<T>(static_cast<array<T>&&>(other)) { other.leave_empty(); }
    ~array() = default;

    array(std::initializer_list<detail::literal<T>> values) : array(array<T>(values)) {}
    array(array<T> other) : array<T>(static_cast<array<T>&&>(checked(other))) {}
    /// Whatever an array<T> can be made of.
    template <class V>
        requires(!std::derived_from<std::remove_cvref_t<V>, array<T>> && std::convertible_to<V, array<T>>)
    array(V&& value, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) : array(whole(static_cast<V&&>(value), file, line)) {}

    array& operator=(array other) & noexcept {
        array<T>::operator=(static_cast<array<T>&&>(other));
        return *this;
    }

    using array<T>::operator();
    /// x(i) of an array of two axes or more is a view, also among numbers: its rank is known.
    [[nodiscard]] slice<T> operator()(detail::integer_index auto i) &
        requires(sizeof...(Extents) > 1)
    {
        return this->template view<slice<T>>(this, i);
    }
    [[nodiscard]] slice<T> operator()(detail::integer_index auto i) const&
        requires(sizeof...(Extents) > 1)
    {
        return this->template view<slice<T>>(nullptr, i);
    }
    [[nodiscard]] slice<T> operator()(detail::integer_index auto i) &&
        requires(sizeof...(Extents) > 1)
    {
        return this->template view<slice<T>>(nullptr, i);
    }

    array& operator=(std::initializer_list<detail::literal<T>> values) & {
        return values.size() == 0 ? *this = array() : *this = array(values);
    }

private:
    friend class array<T>;

    /// After a move.
    void leave_empty() noexcept { array<T>::operator=(array<T>(empty())); }
    [[nodiscard]] static detail::node* nothing() { return detail::allocate_node(detail::dtype_of<T>, extents{(Extents == dyn ? 0 : Extents)...}); }
    /// One for all that were moved from; of rank 1 if there is no memory for it.
    [[nodiscard]] static detail::handle empty() noexcept try {
        static const detail::handle shared{nothing()};
        return shared;
    } catch (...) {
        return {};
    }
    template <class V>
    [[nodiscard]] static array<T> whole(V&& value, const char* file, unsigned line) {
        if constexpr (requires { array<T>(static_cast<V&&>(value), file, line); }) return array<T>(static_cast<V&&>(value), file, line);
        else return array<T>(static_cast<V&&>(value));
    }
    static array<T>& checked(array<T>& x) {
        constexpr index_t wanted[] = {Extents...};
        const extents found = x.shape();
        bool fits = found.size() == sizeof...(Extents);
        for (std::size_t i = 0; fits && i < sizeof...(Extents); ++i) fits = wanted[i] == dyn || wanted[i] == found[i];
        if (!fits) detail::throw_shape_mismatch(wanted, sizeof...(Extents), found);
        return x;
    }
};

namespace detail {

template <class T, index_t... E>
    requires(sizeof...(E) == 0 || ((E == dyn) || ...))
inline constexpr int kind_of<array<T, E...>> = kind_dynamic;
template <class T>
inline constexpr int kind_of<element_array<T>> = kind_dynamic;

}  // namespace detail

/// The values as another element type. Floating to integer: toward zero; out of range and NaN give the type's lowest value. To float16 and bfloat16: rounded, where the
/// cast stands.
template <class U, class A>
    requires(detail::call_kind<A> == detail::kind_dynamic)
[[nodiscard]] auto cast(A&& a) {
    static_assert(detail::element<U>, "sinter: cast<U>: U is not a type that an array can hold");
    auto e = detail::cast_operand<U>(static_cast<A&&>(a));
    return expression<decltype(e)>(static_cast<decltype(e)&&>(e));
}
template <class U, class A>
    requires(detail::call_kind<A> == detail::kind_lane)
[[nodiscard]] constexpr auto cast(A a) {
    return detail::cast_lane<U>(a);
}

template <class E>
array<typename E::value_type> expression<E>::eval(detail::source where) const {
    array<value_type> result(*this, where.file, where.line);
    result.eval();
    return result;
}

template <class T>
array<T> slice<T>::eval() const {
    array<T> result(reading());
    result.eval();
    return result;
}

namespace detail {

/// A number as a pending array of rank 0.
template <class T>
struct SINTER_LOCAL scalar_tape {
    static constexpr dtype types[] = {dtype_of<T>};
    static constinit inline tape value{.scalar_types = types, .n_scalars = 1, .result = ref_scalar, .type = dtype_of<T>};
};

/// The same of a complex number: of its two parts.
template <complex_number T>
struct SINTER_LOCAL scalar_tape<T> {
    static constexpr dtype types[] = {dtype_of<part_t<T>>, dtype_of<part_t<T>>};
    static constexpr tape_instruction code[] = {{.code = code_complex, .type = dtype_of<T>, .a = ref_scalar, .b = ref_scalar | 1}};
    static constinit inline tape value{.code = code, .scalar_types = types, .n_code = 1, .n_scalars = 2, .result = ref_instruction, .type = dtype_of<T>};
};

template <class T>
[[nodiscard]] array<T> filled(const extents& shape, T value) {
    std::uint64_t bits[2] = {};
    if constexpr (is_complex<T>) {
        bits[0] = detail::to_bits(value.real());
        bits[1] = detail::to_bits(value.imag());
    } else {
        bits[0] = detail::to_bits(value);
    }
    return array<T>(detail::handle{detail::record_filled(scalar_tape<T>::value, bits, shape)});
}

template <class D, class T>
array<T> reader<D, T>::reshape(const extents& shape, source where) const {
    return array<T>(edge{detail::record_reshape(detail::reading_of(self(), where).release(), shape, {})});
}
template <class D, class T>
array<T> reader<D, T>::transpose(call_place where) const {
    return array<T>(edge{detail::record_transpose(detail::reading_of(self(), where.at).release(), nullptr, 0, {})});
}
template <class D, class T>
array<T> reader<D, T>::transpose(const extents& axes, source where) const {
    return array<T>(edge{detail::record_transpose(detail::reading_of(self(), where).release(), axes.data(), axes.size(), {})});
}

}  // namespace detail
}  // namespace sinter::inline v1

#include <sinter/detail/assign.hpp>
