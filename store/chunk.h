#pragma once
/// Chunks of binary payloads: canonical rows cut at about 1 MiB, each chunk shuffled by element and compressed by
/// itself, so that a gigabyte is written and read in bounded memory. Format: docs/storage_format.md.

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "etalon/definition.h"

namespace etalon::store {

/// Canonical bytes in one chunk of that packed layout: as many whole rows as fit into 1 MiB, or 1 MiB of a longer row.
[[nodiscard]] std::uint64_t chunk_size(const StructDefinition& canonical) noexcept;
/// Number of chunks of that many rows.
[[nodiscard]] std::uint64_t chunk_count(const StructDefinition& canonical, std::uint64_t num_rows) noexcept;
/// The canonical bytes [first, last) of a chunk.
struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};
[[nodiscard]] ByteRange chunk_range(const StructDefinition& canonical, std::uint64_t num_rows,
                                    std::uint64_t chunk) noexcept;

/// Cuts canonical bytes that come in pieces of any length into chunks.
class ChunkCutter {
public:
    using TakeChunk = std::function<void(std::uint64_t chunk, std::span<const std::byte> raw)>;
    ChunkCutter(const StructDefinition& canonical, TakeChunk take)
        : size_(chunk_size(canonical)), take_(std::move(take)) {}
    void add(std::span<const std::byte> bytes);
    /// Hands on the last chunk, which may be shorter.
    void finish();

private:
    std::uint64_t size_;
    TakeChunk take_;
    std::uint64_t chunk_ = 0;
    Bytes begun_;  // of the next chunk
};

/// Encodes one chunk: 16 bytes of header (format, method, raw size, XXH3 of the raw bytes) and the smallest of stored,
/// zstd, and shuffled + zstd.
[[nodiscard]] Bytes encode_chunk(const StructDefinition& canonical, std::uint64_t chunk,
                                 std::span<const std::byte> raw);
/// Decodes into `raw` (the chunk's exact size); returns the checksum of its raw bytes. Throws Error(Corrupt) when size,
/// checksum or method are not right.
std::uint64_t decode_chunk(const StructDefinition& canonical, std::uint64_t chunk, std::span<const std::byte> encoded,
                           std::span<std::byte> raw);

}  // namespace etalon::store
