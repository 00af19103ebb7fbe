#pragma once
/// Writing around the caches. Private to schema/.

#include <cstddef>

namespace etalon::schema {

/// True where stream_copy() does more than memcpy.
[[nodiscard]] bool has_stream_copy() noexcept;

/// memcpy for targets that are not read soon: their cache lines are not read first. Call stream_done() behind the last one.
void stream_copy(std::byte* to, const std::byte* from, std::size_t bytes) noexcept;
void stream_done() noexcept;

}  // namespace etalon::schema
