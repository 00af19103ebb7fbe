#include "store/row_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/digest.h"
#include "etalon/error.h"
#include "store/chunk.h"

namespace etalon::store {

namespace {

constexpr std::size_t kBuffer = 16 * 1024;

/// Adds the cells of an element, which lie apart: they are gathered, a bounded number at a time.
void add_cells(Xxh3Builder& builder, const std::byte* first, std::size_t size, std::size_t stride,
               std::uint64_t num_rows) {
    if (stride == size) return builder.add({first, size * num_rows});
    if (size > kBuffer / 2) {
        for (std::uint64_t row = 0; row < num_rows; ++row) builder.add({first + row * stride, size});
        return;
    }
    std::array<std::byte, kBuffer> buffer;  // NOLINT: filled before it is read
    const auto at_once = kBuffer / size;
    for (std::uint64_t row = 0; row < num_rows; row += at_once) {
        const auto count = std::min<std::uint64_t>(at_once, num_rows - row);
        for (std::uint64_t i = 0; i < count; ++i)
            std::memcpy(buffer.data() + i * size, first + (row + i) * stride, size);
        builder.add({buffer.data(), size * count});
    }
}

std::uint64_t part_of(const Element& element, const std::byte* rows, std::size_t stride, std::uint64_t num_rows) {
    const auto size = element.bytes();
    const auto* first = rows + element.offset;
    if (num_rows == 1 || stride == size) return xxh3({first, size * num_rows});
    std::array<std::byte, kBuffer> buffer;  // NOLINT: filled before it is read
    if (size * num_rows <= kBuffer) {
        for (std::uint64_t row = 0; row < num_rows; ++row)
            std::memcpy(buffer.data() + row * size, first + row * stride, size);
        return xxh3({buffer.data(), size * num_rows});
    }
    Xxh3Builder builder;
    add_cells(builder, first, size, stride, num_rows);
    return builder.finish();
}

}  // namespace

std::vector<std::uint64_t> column_parts(const StructDefinition& layout, const std::byte* rows, std::uint64_t num_rows) {
    std::vector<std::uint64_t> parts;
    parts.reserve(layout.elements.size());
    for (const auto& element : layout.elements) parts.push_back(part_of(element, rows, layout.size, num_rows));
    return parts;
}

void ColumnProver::add(const std::byte* rows, std::uint64_t num_rows) {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        const auto& element = layout_.elements[i];
        add_cells(parts_[i], rows + element.offset, element.bytes(), layout_.size, num_rows);
    }
}

std::vector<std::uint64_t> ColumnProver::finish() const {
    std::vector<std::uint64_t> parts;
    parts.reserve(parts_.size());
    for (const auto& part : parts_) parts.push_back(part.finish());
    return parts;
}

std::vector<std::uint64_t> chunk_parts(const schema::RowBlock& canonical) {
    std::vector<std::uint64_t> parts;
    const auto count = chunk_count(*canonical.layout, canonical.num_rows);
    for (std::uint64_t chunk = 0; chunk < count; ++chunk) {
        const auto range = chunk_range(*canonical.layout, canonical.num_rows, chunk);
        parts.push_back(xxh3(canonical.data.bytes().subspan(range.first, range.last - range.first)));
    }
    return parts;
}

std::vector<std::uint64_t> parts_of(const schema::RowBlock& canonical, Storage encoding) {
    return encoding == Storage::Bytes ? chunk_parts(canonical)
                                      : column_parts(*canonical.layout, canonical.data.data(), canonical.num_rows);
}

std::int64_t rows_checksum(std::uint64_t num_rows, std::span<const std::uint64_t> parts) noexcept {
    constexpr std::size_t kFew = 128;
    if (parts.size() <= kFew) {
        std::array<std::uint64_t, kFew + 1> whole;  // NOLINT: filled before it is read
        whole[0] = num_rows;
        std::copy(parts.begin(), parts.end(), whole.begin() + 1);
        return static_cast<std::int64_t>(xxh3(std::as_bytes(std::span(whole.data(), parts.size() + 1))));
    }
    Xxh3Builder builder;
    builder.add(std::as_bytes(std::span(&num_rows, 1)));
    builder.add(std::as_bytes(parts));
    return static_cast<std::int64_t>(builder.finish());
}

RowProof prove_rows(const schema::RowBlock& canonical, Storage encoding) {
    return prove_parts(canonical.num_rows, canonical.data.size(), parts_of(canonical, encoding));
}

RowProof prove_parts(std::uint64_t num_rows, std::uint64_t size, std::span<const std::uint64_t> parts) {
    RowProof proof{rows_checksum(num_rows, parts), {}};
    if (size > kKeepParts) {
        const auto bytes = std::as_bytes(parts);
        proof.parts.assign(bytes.begin(), bytes.end());
    }
    return proof;
}

std::int64_t column_rows_checksum(const StructDefinition& layout, const std::byte* rows, std::uint64_t num_rows) {
    constexpr std::size_t kFew = 128;
    if (layout.elements.size() > kFew) return rows_checksum(num_rows, column_parts(layout, rows, num_rows));
    std::array<std::uint64_t, kFew + 1> whole;  // NOLINT: filled before it is read
    whole[0] = num_rows;
    std::size_t at = 1;
    for (const auto& element : layout.elements) whole[at++] = part_of(element, rows, layout.size, num_rows);
    return static_cast<std::int64_t>(xxh3(std::as_bytes(std::span(whole.data(), at))));
}

void ExpectedRows::check(std::int64_t found, std::string_view struct_name, std::int64_t data_id) const {
    if (!proved || (checksum && *checksum == found)) return;
    const auto where = fmt::format("{}, dataID {}", struct_name, data_id);
    if (!checksum) {
        throw Error(ErrorCode::Corrupt,
                    {"the rows of a payload were damaged before the database was brought to this format", where,
                     "rows with their content hash", "others", "commit these values again; they are stored anew then"});
    }
    throw Error(ErrorCode::Corrupt,
                {"the rows of a payload are not those that were written", where, "rows with their checksum", "others",
                 "see 'etalon verify --deep'; restore them from a copy, or commit these values again"});
}

}  // namespace etalon::store
