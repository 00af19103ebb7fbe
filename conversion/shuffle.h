#pragma once
/// Small moves within rows, 16 asked bytes at a time: whatever lands in a block of them is gathered from as few places
/// as possible by byte shuffles, instead of element by element. Private to schema/.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace etalon::conversion {

constexpr std::size_t kShuffleBytes = 16;

/// Bytes of an asked row that one stored place, or none, gives.
struct Piece {
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};

    std::uint64_t from = 0;  ///< in the stored row; kNone: from the background
    std::uint64_t to = 0;
    std::uint64_t length = 0;
};

/// A block's bytes that come from 16 stored ones: byte i is that at from + pick[i], or none when pick[i] is 0x80.
struct alignas(kShuffleBytes) ShuffleSource {
    std::array<std::uint8_t, kShuffleBytes> pick{};
    std::uint32_t from = 0;
    std::uint32_t to = 0;  ///< of the block
};

struct alignas(kShuffleBytes) ShuffleConstant {
    std::array<std::byte, kShuffleBytes> bytes{};
};

/// Blocks that are done alike.
struct ShuffleGroup {
    std::size_t num_sources = 0;             ///< of each block
    bool plain = false;                      ///< one source whose bytes stay side by side
    std::vector<std::uint32_t> blocks;       ///< where they begin in the asked row
    std::vector<ShuffleSource> sources;      ///< num_sources for each block
    std::vector<ShuffleConstant> constants;  ///< one for each block, or none at all: zeros
};

/// True where this processor has byte shuffles (SSSE3); elsewhere shuffle() must not be called.
[[nodiscard]] bool has_shuffle() noexcept;

/// `pieces` by `to`, without overlap; both rows have at least 16 and less than 2^32 bytes. The groups write all bytes
/// of the pieces and up to 15 beside each, which are to be written after them.
[[nodiscard]] std::vector<ShuffleGroup> make_shuffles(const std::vector<Piece>& pieces, std::uint64_t from_size,
                                                      std::uint64_t to_size, const std::byte* background);

/// Rows of from_size bytes at `from` and of to_size at `to`.
void shuffle(const ShuffleGroup& group, const std::byte* from, std::size_t from_size, std::byte* to,
             std::size_t to_size, std::size_t rows) noexcept;

}  // namespace etalon::conversion
