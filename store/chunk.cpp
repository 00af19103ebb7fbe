#include "store/chunk.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "base/digest.h"
#include "etalon/error.h"

namespace etalon::store {

namespace {

constexpr std::uint64_t kTarget = 1024 * 1024;
constexpr std::uint8_t kFormat = 1;
constexpr int kLevel = 3;

// Persisted: values never change.
enum class Method : std::uint8_t { Stored = 0, Zstd = 1, ShuffledZstd = 2 };

struct Header {
    std::uint8_t format = kFormat;
    Method method = Method::Stored;
    std::uint16_t reserved = 0;
    std::uint32_t raw_size = 0;
    std::uint64_t checksum = 0;
};
static_assert(sizeof(Header) == 16);

/// `count` values of `width` bytes, densely from `offset` of each row on.
struct Segment {
    std::uint64_t offset = 0;
    std::uint64_t count = 0;
    std::uint64_t width = 1;
};

/// The rows of a chunk and their segments; a piece of a long row is one row of its own.
struct Shape {
    std::uint64_t row_size = 0;
    std::uint64_t rows = 0;
    std::vector<Segment> segments;
};

void append(std::vector<Segment>& segments, Segment segment) {
    if (segment.count == 0) return;
    if (!segments.empty()) {
        auto& last = segments.back();
        if (last.width == segment.width && last.offset + last.count * last.width == segment.offset) {
            last.count += segment.count;
            return;
        }
    }
    segments.push_back(segment);
}

Shape shape_of(const StructDefinition& canonical, std::uint64_t chunk, std::uint64_t raw_size) {
    Shape shape;
    if (canonical.size <= kTarget) {
        shape.row_size = canonical.size;
        shape.rows = raw_size / canonical.size;
        for (const auto& element : canonical.elements) {
            append(shape.segments, {element.offset, element.count(), size_of(element.type)});
        }
        return shape;
    }
    // A piece that may begin in one row and end in the next: whole values keep their width, cut ones are single bytes.
    shape.row_size = raw_size;
    shape.rows = 1;
    std::uint64_t at = chunk * kTarget;
    const std::uint64_t end = at + raw_size;
    const std::uint64_t begin = at;
    while (at < end) {
        const std::uint64_t in_row = at % canonical.size;
        const auto next = std::upper_bound(canonical.elements.begin(), canonical.elements.end(), in_row,
                                           [](std::uint64_t offset, const Element& e) { return offset < e.offset; });
        const Element& element = *std::prev(next);
        const std::uint64_t width = size_of(element.type);
        const std::uint64_t left = std::min(element.offset + element.bytes() - in_row, end - at);
        const std::uint64_t head = std::min((width - (in_row - element.offset) % width) % width, left);
        const std::uint64_t values = (left - head) / width;
        append(shape.segments, {at - begin, head, 1});
        append(shape.segments, {at - begin + head, values, width});
        append(shape.segments, {at - begin + head + values * width, left - head - values * width, 1});
        at += left;
    }
    return shape;
}

/// Gathers byte b of every value of a segment, for b = 0, 1, ..., segment by segment.
template <bool kForward>
void shuffle(const Shape& shape, const std::byte* from, std::byte* to) {
    std::uint64_t shuffled = 0;
    for (const auto& segment : shape.segments) {
        for (std::uint64_t b = 0; b < segment.width; ++b) {
            for (std::uint64_t row = 0; row < shape.rows; ++row) {
                const std::uint64_t plain = row * shape.row_size + segment.offset + b;
                for (std::uint64_t i = 0; i < segment.count; ++i) {
                    if constexpr (kForward) {
                        to[shuffled++] = from[plain + i * segment.width];
                    } else {
                        to[plain + i * segment.width] = from[shuffled++];
                    }
                }
            }
        }
    }
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

Bytes compress(std::span<const std::byte> raw) {
    Bytes out(sizeof(Header) + ZSTD_compressBound(raw.size()));
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    const auto size = ZSTD_compressCCtx(context.get(), out.data() + sizeof(Header), out.size() - sizeof(Header),
                                        raw.data(), raw.size(), kLevel);
    if (ZSTD_isError(size) != 0) {
        throw Error(ErrorCode::Internal, {"zstd cannot compress", "", "", ZSTD_getErrorName(size), ""});
    }
    out.resize(sizeof(Header) + size);
    return out;
}

[[noreturn]] void corrupt(std::uint64_t chunk, std::string expected, std::string found) {
    throw Error(ErrorCode::Corrupt, {"stored bytes are damaged", fmt::format("chunk {}", chunk), std::move(expected),
                                     std::move(found), "restore the database from a copy"});
}

}  // namespace

std::uint64_t chunk_size(const StructDefinition& canonical) noexcept {
    return canonical.size > kTarget ? kTarget : kTarget / canonical.size * canonical.size;
}

std::uint64_t chunk_count(const StructDefinition& canonical, std::uint64_t num_rows) noexcept {
    const auto size = chunk_size(canonical);
    return (canonical.size * num_rows + size - 1) / size;
}

ByteRange chunk_range(const StructDefinition& canonical, std::uint64_t num_rows, std::uint64_t chunk) noexcept {
    const auto size = chunk_size(canonical);
    return {chunk * size, std::min((chunk + 1) * size, canonical.size * num_rows)};
}

void ChunkCutter::add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        if (begun_.empty() && bytes.size() >= size_) {
            take_(chunk_++, bytes.first(size_));
            bytes = bytes.subspan(size_);
            continue;
        }
        const auto more = std::min<std::size_t>(bytes.size(), size_ - begun_.size());
        begun_.insert(begun_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(more));
        bytes = bytes.subspan(more);
        if (begun_.size() == size_) finish();
    }
}

void ChunkCutter::finish() {
    if (begun_.empty()) return;
    take_(chunk_++, begun_);
    begun_.clear();
}

Bytes encode_chunk(const StructDefinition& canonical, std::uint64_t chunk, std::span<const std::byte> raw) {
    Header header;
    header.raw_size = static_cast<std::uint32_t>(raw.size());
    header.checksum = xxh3(raw);
    Bytes best = compress(raw);
    header.method = Method::Zstd;
    const auto shape = shape_of(canonical, chunk, raw.size());
    const bool shufflable =
        std::any_of(shape.segments.begin(), shape.segments.end(), [](const auto& s) { return s.width > 1; });
    if (shufflable) {
        Bytes shuffled(raw.size());
        shuffle<true>(shape, raw.data(), shuffled.data());
        Bytes other = compress(shuffled);
        if (other.size() < best.size()) {
            best = std::move(other);
            header.method = Method::ShuffledZstd;
        }
    }
    if (best.size() - sizeof header >= raw.size()) {
        best.resize(sizeof header + raw.size());
        std::ranges::copy(raw, best.begin() + sizeof header);
        header.method = Method::Stored;
    }
    std::memcpy(best.data(), &header, sizeof header);
    return best;
}

std::uint64_t decode_chunk(const StructDefinition& canonical, std::uint64_t chunk, std::span<const std::byte> encoded,
                           std::span<std::byte> raw) {
    Header header;
    if (encoded.size() < sizeof header) {
        corrupt(chunk, fmt::format("at least {} bytes", sizeof header), fmt::format("{} bytes", encoded.size()));
    }
    std::memcpy(&header, encoded.data(), sizeof header);
    const auto body = encoded.subspan(sizeof header);
    if (header.format != kFormat)
        corrupt(chunk, fmt::format("chunk format {}", kFormat), fmt::format("{}", header.format));
    if (header.raw_size != raw.size()) {
        corrupt(chunk, fmt::format("{} raw bytes", raw.size()), fmt::format("{}", header.raw_size));
    }
    const auto inflate = [&](std::span<std::byte> to) {
        const auto size = ZSTD_decompress(to.data(), to.size(), body.data(), body.size());
        if (ZSTD_isError(size) != 0) corrupt(chunk, "zstd data", ZSTD_getErrorName(size));
        if (size != to.size()) corrupt(chunk, fmt::format("{} bytes", to.size()), fmt::format("{}", size));
    };
    switch (header.method) {
        case Method::Stored:
            if (body.size() != raw.size()) {
                corrupt(chunk, fmt::format("{} bytes", raw.size()), fmt::format("{}", body.size()));
            }
            std::ranges::copy(body, raw.begin());  // both may be empty
            break;
        case Method::Zstd:
            inflate(raw);
            break;
        case Method::ShuffledZstd: {
            AlignedBuffer shuffled(raw.size());
            inflate({shuffled.data(), shuffled.size()});
            shuffle<false>(shape_of(canonical, chunk, raw.size()), shuffled.data(), raw.data());
            break;
        }
        default:
            corrupt(chunk, "method 0, 1 or 2", fmt::format("{}", static_cast<int>(header.method)));
    }
    if (xxh3(raw) != header.checksum) corrupt(chunk, "the checksum of its header", "another one");
    return header.checksum;
}

}  // namespace etalon::store
