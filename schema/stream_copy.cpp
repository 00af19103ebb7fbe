#include "schema/stream_copy.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace etalon::schema {

#ifdef __SSE2__

bool has_stream_copy() noexcept {
    return true;
}

void stream_copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    constexpr std::size_t kVector = sizeof(__m128i);
    const std::size_t head = std::min<std::size_t>((kVector - reinterpret_cast<std::uintptr_t>(to) % kVector) % kVector, bytes);
    std::memcpy(to, from, head);
    std::size_t at = head;
    for (; at + 4 * kVector <= bytes; at += 4 * kVector) {
        for (std::size_t i = 0; i < 4; ++i) {
            const auto value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at + i * kVector));
            _mm_stream_si128(reinterpret_cast<__m128i*>(to + at + i * kVector), value);
        }
    }
    std::memcpy(to + at, from + at, bytes - at);
}

void stream_done() noexcept {
    _mm_sfence();
}

#else

bool has_stream_copy() noexcept {
    return false;
}

void stream_copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
    std::memcpy(to, from, bytes);
}

void stream_done() noexcept {}

#endif

}  // namespace etalon::schema
