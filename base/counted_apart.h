#pragma once
/// What threads on different processors count and look up without writing to the same cache line.

#include <sched.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace etalon {

/// Of `count` places, that of the processor which the thread runs on: two threads seldom meet in one, whatever their
/// number.
[[nodiscard]] inline std::size_t processor_place(std::size_t count) noexcept {
    return static_cast<unsigned>(std::max(sched_getcpu(), 0)) % count;
}

namespace detail {
template <class T, class Owner>
struct alignas(64) KeepAlive {
    Owner owner;
    void operator()(T* /*the owner's*/) noexcept { owner = {}; }
};
}  // namespace detail

/// A pointer to what `owner` keeps alive, with a count of its own in a cache line of its own: who copies it does not
/// count where the copies of the owner do.
template <class T, class Owner>
[[nodiscard]] std::shared_ptr<T> count_apart(T* value, Owner owner) {
    return std::shared_ptr<T>(value, detail::KeepAlive<T, Owner>{std::move(owner)});
}

/// What such a count takes of the heap, for owners of up to 64 bytes: itself and what it keeps alive.
inline constexpr std::uint64_t kApartBytes = 128;

}  // namespace etalon
