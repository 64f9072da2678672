#pragma once

#include <sinter/eval.hpp>
#include <sinter/factories.hpp>

#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

// DLPack: memory handed from one array library to another without a copy, by a C struct. The structs here are those of version 1, bit for bit, so that nothing else need be
// included; the functions take and give those of the library's own header <dlpack/dlpack.h> as well.

namespace sinter::inline v1 {

namespace dlpack {

struct version {
    std::uint32_t major, minor;
};
struct device {
    std::int32_t device_type, device_id;
};
struct data_type {
    std::uint8_t code, bits;
    std::uint16_t lanes;
};
struct tensor {
    void* data;
    dlpack::device device;
    std::int32_t ndim;
    data_type dtype;
    std::int64_t* shape;
    std::int64_t* strides;  // in elements; null: row-major
    std::uint64_t byte_offset;
};
/// What changes hands: a DLManagedTensorVersioned. Whoever has it last calls its deleter.
struct managed_tensor {
    dlpack::version version;
    void* manager_ctx;
    void (*deleter)(managed_tensor*);
    std::uint64_t flags;
    tensor dl_tensor;
};
static_assert(sizeof(void*) != 8 || (sizeof(tensor) == 48 && sizeof(managed_tensor) == 80));

inline constexpr std::uint64_t read_only = 1, is_copied = 2;
inline constexpr std::int32_t cpu = 1;
inline constexpr std::uint8_t code_int = 0, code_uint = 1, code_float = 2, code_bool = 6;

}  // namespace dlpack

namespace detail {

/// What DLPack calls an element type.
template <class T>
[[nodiscard]] constexpr dlpack::data_type dlpack_type() noexcept {
    const std::uint8_t code = std::same_as<T, bool> ? dlpack::code_bool : std::floating_point<T> ? dlpack::code_float : std::is_signed_v<T> ? dlpack::code_int : dlpack::code_uint;
    return {code, static_cast<std::uint8_t>(8 * sizeof(T)), 1};
}

[[nodiscard]] inline std::string dlpack_name(dlpack::data_type t) {
    constexpr const char* names[] = {"int", "uint", "float", "handle", "bfloat", "complex", "bool"};
    std::string s = t.code < std::size(names) ? names[t.code] : "code " + std::to_string(t.code) + " of ";
    s += std::to_string(t.bits);
    return t.lanes == 1 ? s : s + " x " + std::to_string(t.lanes);
}

/// An array that another library looks at.
template <class T, class Tensor>
struct exported {
    array<T> keep;
    Tensor managed{};
    std::int64_t shape[max_rank], strides[max_rank];

    static void drop(Tensor* t) { std::unique_ptr<exported>(static_cast<exported*>(t->manager_ctx)).reset(); }
};

template <class Tensor, class T>
[[nodiscard]] Tensor* export_array(array<T> x, const std::byte* data, std::uint64_t flags) try {
    auto made = std::make_unique<exported<T, Tensor>>(exported<T, Tensor>{static_cast<array<T>&&>(x), {}, {}, {}});
    const extents shape = made->keep.shape(), strides = made->keep.strides();
    for (std::size_t d = 0; d < shape.size(); ++d) {
        made->shape[d] = shape[d];
        made->strides[d] = strides[d];
    }
    Tensor& m = made->managed;
    m.version.major = 1;
    m.version.minor = 0;
    m.manager_ctx = made.get();
    m.deleter = &exported<T, Tensor>::drop;
    m.flags = flags;
    m.dl_tensor.data = const_cast<std::byte*>(data);
    m.dl_tensor.device.device_type = static_cast<decltype(m.dl_tensor.device.device_type)>(dlpack::cpu);
    m.dl_tensor.device.device_id = 0;
    m.dl_tensor.ndim = static_cast<std::int32_t>(shape.size());
    m.dl_tensor.dtype.code = dlpack_type<T>().code;
    m.dl_tensor.dtype.bits = dlpack_type<T>().bits;
    m.dl_tensor.dtype.lanes = 1;
    m.dl_tensor.shape = made->shape;
    m.dl_tensor.strides = made->strides;
    m.dl_tensor.byte_offset = 0;
    return &made.release()->managed;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("to_dlpack");
}

}  // namespace detail

/// The values of x for another library, without a copy, in x's memory, with its strides; evaluates. As arrays share memory that is not to be written: read_only is set. The receiver calls the deleter.
template <class Tensor = dlpack::managed_tensor, class X>
    requires detail::array_like<X>
[[nodiscard]] Tensor* to_dlpack(const X& x, detail::source where = detail::source::current()) {
    array<typename X::value_type> own(detail::reading_of(x, where));
    own.eval();
    const std::byte* const data = own.looking()->data;
    return detail::export_array<Tensor>(std::move(own), data, dlpack::read_only);
}
/// The same of an array that is given away: the receiver may write. Memory that others share is copied first.
template <class Tensor = dlpack::managed_tensor, class T>
[[nodiscard]] Tensor* to_dlpack(array<T>&& x) {
    array<T> own = static_cast<array<T>&&>(x);
    const std::byte* const data = reinterpret_cast<const std::byte*>(own.mutable_data());
    return detail::export_array<Tensor>(std::move(own), data, 0);
}

/// Another library's memory as an array, without a copy: as borrow(), with the deleter called when nothing looks at it any more. Where read_only is set, writing to the array takes memory of its own. Throws
/// value_error for another version, device or element type, and for memory that is not aligned; the tensor then stays the caller's.
template <class T, class Tensor>
    requires requires(Tensor& t) { t.dl_tensor.byte_offset; t.manager_ctx; t.version.major; }
[[nodiscard]] array<T> from_dlpack(Tensor* managed) try {
    if (managed == nullptr) throw value_error("from_dlpack: the tensor is null");
    const auto& t = managed->dl_tensor;
    if (managed->version.major != 1) {
        throw value_error("from_dlpack: the tensor is of version " + std::to_string(managed->version.major) + "." + std::to_string(managed->version.minor) + ", version 1 is needed");
    }
    if (static_cast<std::int32_t>(t.device.device_type) != dlpack::cpu) {
        throw value_error("from_dlpack: the memory is that of device " + std::to_string(static_cast<std::int32_t>(t.device.device_type)) + ", not the processor's, which is 1");
    }
    const dlpack::data_type found{static_cast<std::uint8_t>(t.dtype.code), static_cast<std::uint8_t>(t.dtype.bits), static_cast<std::uint16_t>(t.dtype.lanes)};
    constexpr dlpack::data_type wanted = detail::dlpack_type<T>();
    if (found.code != wanted.code || found.bits != wanted.bits || found.lanes != 1) {
        throw value_error("from_dlpack: the elements are " + detail::dlpack_name(found) + ", not " + detail::dlpack_name(wanted));
    }
    if (t.ndim < 0 || t.ndim > max_rank) throw shape_error("from_dlpack: the tensor has " + std::to_string(t.ndim) + " axes; an array has at most 8");
    extents shape, strides;
    for (std::int32_t d = 0; d < t.ndim; ++d) shape.push_back(static_cast<index_t>(t.shape[d]));
    for (std::int32_t d = 0; d < t.ndim && t.strides != nullptr; ++d) strides.push_back(static_cast<index_t>(t.strides[d]));
    std::byte* const start = static_cast<std::byte*>(t.data) + t.byte_offset;
    if (reinterpret_cast<std::uintptr_t>(start) % alignof(T) != 0) {
        throw value_error("from_dlpack: the elements, from byte " + std::to_string(t.byte_offset) + " of the memory, are not aligned to " + std::to_string(alignof(T)) + " bytes");
    }
    // An owner that is nobody's yet, so that whatever throws leaves the tensor to the caller.
    struct holder {
        Tensor* tensor = nullptr;
        holder() = default;
        holder(const holder&) = delete;
        holder& operator=(const holder&) = delete;
        ~holder() {
            if (tensor != nullptr && tensor->deleter != nullptr) tensor->deleter(tensor);
        }
    };
    const auto owner = std::make_shared<holder>();
    T* const data = reinterpret_cast<T*>(start);
    array<T> x = (managed->flags & dlpack::read_only) != 0 ? sinter::borrow(static_cast<const T*>(data), shape, strides, owner) : sinter::borrow(data, shape, strides, owner);
    owner->tensor = managed;
    return x;
} catch (const std::bad_alloc&) {
    detail::throw_no_memory("from_dlpack");
}

}  // namespace sinter::inline v1
