#pragma once
/// The checksum that proves the rows of a payload (format 2): XXH3-64 over the number of rows and the part checksums in
/// order, eight little-endian bytes each. Columns have a part for each element in order of the definition: XXH3-64 of
/// its canonical cells, row after row. Bytes have one for each chunk: that of the chunk's header. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/definition.h"
#include "etalon/reference.h"
#include "schema/rows.h"

namespace etalon::store {

/// Payloads of more canonical bytes keep their part checksums, so that a part can be proved without the others.
inline constexpr std::uint64_t kKeepParts = 4096;

/// Parts of rows stored in columns. `rows` are `num_rows` structs of `layout`, whose elements are those of the stored
/// definition in its order, at any offsets.
[[nodiscard]] std::vector<std::uint64_t> column_parts(const StructDefinition& layout, const std::byte* rows,
                                                      std::uint64_t num_rows);
/// Parts of rows stored in columns that come some at a time.
class ColumnProver {
public:
    /// `layout` as that of column_parts().
    explicit ColumnProver(const StructDefinition& layout) : layout_(layout), parts_(layout.elements.size()) {}
    /// The next rows.
    void add(const std::byte* rows, std::uint64_t num_rows);
    [[nodiscard]] std::vector<std::uint64_t> finish() const;

private:
    const StructDefinition& layout_;
    std::vector<Xxh3Builder> parts_;
};
/// Parts of canonical rows stored as chunks.
[[nodiscard]] std::vector<std::uint64_t> chunk_parts(const schema::RowBlock& canonical);
[[nodiscard]] std::vector<std::uint64_t> parts_of(const schema::RowBlock& canonical, Storage encoding);
/// The whole from its parts, as it is stored.
[[nodiscard]] std::int64_t rows_checksum(std::uint64_t num_rows, std::span<const std::uint64_t> parts) noexcept;
/// What a new row of payload says of its rows.
struct RowProof {
    std::int64_t checksum = 0;
    Bytes parts;  ///< empty unless the rows have more than kKeepParts bytes
};
[[nodiscard]] RowProof prove_rows(const schema::RowBlock& canonical, Storage encoding);
/// The same of `size` canonical bytes with these parts.
[[nodiscard]] RowProof prove_parts(std::uint64_t num_rows, std::uint64_t size, std::span<const std::uint64_t> parts);
/// rows_checksum() of column_parts(), without keeping the parts.
[[nodiscard]] std::int64_t column_rows_checksum(const StructDefinition& layout, const std::byte* rows,
                                                std::uint64_t num_rows);

/// What a read has to compare the rows with.
struct ExpectedRows {
    bool proved = false;                   ///< false: format 1, or `verified = off`: nothing is compared
    std::optional<std::int64_t> checksum;  ///< none although proved: the payload failed its hash when it was upgraded

    /// Throws Error(Corrupt) unless the rows are those that were written.
    void check(std::int64_t found, std::string_view struct_name, std::int64_t data_id) const;
};

}  // namespace etalon::store
