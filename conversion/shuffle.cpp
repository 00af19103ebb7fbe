#include "conversion/shuffle.h"

#include <algorithm>
#include <map>
#include <tuple>

#ifdef __x86_64__
#include <tmmintrin.h>
#define ETALON_SHUFFLE __attribute__((target("ssse3")))
#endif

namespace etalon::conversion {
namespace {

constexpr std::uint8_t kNoByte = 0x80;

/// One block while it is put together.
struct Block {
    std::uint32_t to = 0;
    std::vector<ShuffleSource> sources;
    ShuffleConstant constant;
    bool has_constant = false;
    bool has_zeros = false;  ///< bytes of the background that are zero
};

/// A byte of a block that is stored.
struct StoredByte {
    std::uint64_t from = 0;
    std::size_t at = 0;
};

/// As few windows of 16 stored bytes as cover all of them: each begins at the first byte that no other covers.
void add_sources(Block& block, std::vector<StoredByte>& bytes, std::uint64_t from_size) {
    std::ranges::sort(bytes, {}, &StoredByte::from);
    for (std::size_t i = 0; i < bytes.size();) {
        // A window that keeps its bytes in place is a plain move.
        const std::uint64_t first = bytes[i].from;
        const bool in_place = first >= bytes[i].at && first - bytes[i].at + kShuffleBytes <= from_size &&
                              std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.end(),
                                          [&](const auto& one) { return one.from - one.at == first - bytes[i].at; });
        const std::uint64_t begin = in_place ? first - bytes[i].at : std::min(first, from_size - kShuffleBytes);
        ShuffleSource source;
        source.pick.fill(kNoByte);
        source.from = static_cast<std::uint32_t>(begin);
        source.to = block.to;
        for (; i < bytes.size() && bytes[i].from < begin + kShuffleBytes; ++i)
            source.pick[bytes[i].at] = static_cast<std::uint8_t>(bytes[i].from - begin);
        block.sources.push_back(source);
    }
}

bool is_plain(const Block& block) {
    if (block.sources.size() != 1 || block.has_constant || block.has_zeros) return false;
    const auto& pick = block.sources.front().pick;
    for (std::size_t i = 0; i < pick.size(); ++i) {
        if (pick[i] != kNoByte && pick[i] != i) return false;
    }
    return true;
}

Block make_block(std::uint64_t to, std::vector<Piece>::const_iterator piece, std::vector<Piece>::const_iterator end,
                 std::uint64_t from_size, const std::byte* background) {
    Block block;
    block.to = static_cast<std::uint32_t>(to);
    std::vector<StoredByte> bytes;
    bytes.reserve(kShuffleBytes);
    for (; piece != end && piece->to < to + kShuffleBytes; ++piece) {
        const std::uint64_t first = std::max(piece->to, to);
        const std::uint64_t last = std::min(piece->to + piece->length, to + kShuffleBytes);
        for (std::uint64_t at = first; at < last; ++at) {
            if (piece->from != Piece::kNone) {
                bytes.push_back({piece->from + (at - piece->to), at - to});
                continue;
            }
            block.constant.bytes[at - to] = background[at];
            (background[at] == std::byte{0} ? block.has_zeros : block.has_constant) = true;
        }
    }
    add_sources(block, bytes, from_size);
    return block;
}

}  // namespace

std::vector<ShuffleGroup> make_shuffles(const std::vector<Piece>& pieces, std::uint64_t from_size,
                                        std::uint64_t to_size, const std::byte* background) {
    std::map<std::tuple<std::size_t, bool, bool>, ShuffleGroup> groups;
    std::uint64_t done = 0;
    for (auto piece = pieces.begin(); piece != pieces.end(); ++piece) {
        while (piece->to + piece->length > done) {
            const std::uint64_t to = std::min(std::max(done, piece->to), to_size - kShuffleBytes);
            auto first = piece;
            while (first != pieces.begin() && (first - 1)->to + (first - 1)->length > to) --first;
            const Block block = make_block(to, first, pieces.end(), from_size, background);
            const bool plain = is_plain(block);
            auto& group = groups[{block.sources.size(), plain, block.has_constant}];
            group.num_sources = block.sources.size();
            group.plain = plain;
            group.blocks.push_back(block.to);
            group.sources.insert(group.sources.end(), block.sources.begin(), block.sources.end());
            if (block.has_constant) group.constants.push_back(block.constant);
            done = to + kShuffleBytes;
        }
    }
    std::vector<ShuffleGroup> list;
    for (auto& [kind, group] : groups) list.push_back(std::move(group));
    return list;
}

#ifdef ETALON_SHUFFLE

bool has_shuffle() noexcept {
    return __builtin_cpu_supports("ssse3") != 0;
}

namespace {

/// Up to so many blocks are quicker one by one over all rows: what to pick stays in registers.
constexpr std::size_t kFewBlocks = 4;
constexpr std::size_t kAnyNumber = ~std::size_t{0};

struct Rows {
    const std::byte* from;
    std::size_t from_size;
    std::byte* to;
    std::size_t to_size;
    std::size_t rows;
};

inline __m128i load_block(const void* at) noexcept {
    return _mm_loadu_si128(static_cast<const __m128i*>(at));
}

/// A group's lists, by value: a store into a row could change what lies behind a reference, for all that a compiler
/// knows.
struct Lists {
    const ShuffleSource* sources;
    const ShuffleConstant* constants;
    const std::uint32_t* blocks;
    std::size_t num_blocks;
    std::size_t num_sources;
};

/// Block number `index` of one row. kSources: how many, where the compiler is to know it.
template <std::size_t kSources, bool kPlain, bool kConstant>
ETALON_SHUFFLE inline void do_block(const Lists lists, std::size_t index, const std::byte* from,
                                    std::byte* to) noexcept {
    const std::size_t num = kSources == kAnyNumber ? lists.num_sources : kSources;
    const ShuffleSource* source = lists.sources + index * num;
    __m128i block = kConstant ? load_block(lists.constants[index].bytes.data()) : _mm_setzero_si128();
    for (std::size_t i = 0; i < num; ++i) {
        const __m128i stored = load_block(from + source[i].from);
        block = kPlain ? stored : _mm_or_si128(block, _mm_shuffle_epi8(stored, load_block(source[i].pick.data())));
    }
    const std::uint32_t at = kSources == 0 || kSources == kAnyNumber ? lists.blocks[index] : source->to;
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), block);
}

template <std::size_t kSources, bool kPlain, bool kConstant>
ETALON_SHUFFLE void do_blocks(const Lists lists, const Rows rows) noexcept {
    if (lists.num_blocks <= kFewBlocks) {
        for (std::size_t index = 0; index < lists.num_blocks; ++index) {
            const std::byte* from = rows.from;
            std::byte* to = rows.to;
            for (std::size_t row = 0; row < rows.rows; ++row, from += rows.from_size, to += rows.to_size)
                do_block<kSources, kPlain, kConstant>(lists, index, from, to);
        }
        return;
    }
    const std::byte* from = rows.from;
    std::byte* to = rows.to;
    for (std::size_t row = 0; row < rows.rows; ++row, from += rows.from_size, to += rows.to_size) {
        for (std::size_t index = 0; index < lists.num_blocks; ++index)
            do_block<kSources, kPlain, kConstant>(lists, index, from, to);
    }
}

template <bool kConstant>
void dispatch(const ShuffleGroup& group, const Rows& at) noexcept {
    const Lists lists{group.sources.data(), group.constants.data(), group.blocks.data(), group.blocks.size(),
                      group.num_sources};
    switch (group.num_sources) {
        case 0:
            return do_blocks<0, false, kConstant>(lists, at);
        case 1:
            return group.plain ? do_blocks<1, true, false>(lists, at) : do_blocks<1, false, kConstant>(lists, at);
        case 2:
            return do_blocks<2, false, kConstant>(lists, at);
        case 3:
            return do_blocks<3, false, kConstant>(lists, at);
        case 4:
            return do_blocks<4, false, kConstant>(lists, at);
        default:
            return do_blocks<kAnyNumber, false, kConstant>(lists, at);
    }
}

}  // namespace

void shuffle(const ShuffleGroup& group, const std::byte* from, std::size_t from_size, std::byte* to,
             std::size_t to_size, std::size_t rows) noexcept {
    const Rows at{from, from_size, to, to_size, rows};
    group.constants.empty() ? dispatch<false>(group, at) : dispatch<true>(group, at);
}

#else

bool has_shuffle() noexcept {
    return false;
}

void shuffle(const ShuffleGroup&, const std::byte*, std::size_t, std::byte*, std::size_t, std::size_t) noexcept {}

#endif

}  // namespace etalon::conversion
