#pragma once
/// Payloads: sets of rows, stored once each, found again by content hash.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/port.h"
#include "base/digest.h"
#include "etalon/definition.h"
#include "etalon/reference.h"
#include "schema/rows.h"
#include "store/catalog.h"
#include "store/row_proof.h"

namespace etalon::store {

/// Rows to be stored. Equal ones (struct, schema, encoding, hash) are stored once.
struct PendingPayload {
    SchemaPtr schema;
    Storage encoding = Storage::Columns;
    std::string table_name;                 ///< row table, when encoding is Columns
    schema::RowBlock canonical;             ///< in schema->canonical; without data when `rows` has them
    std::shared_ptr<const std::byte> rows;  ///< canonical.num_rows of them in `layout`, made canonical piece by piece
    DefinitionPtr layout;
    Sha256 hash{};
    std::vector<Bytes> chunks;       ///< encoded ahead (see encode_ahead); empty: encoded while writing
    std::int64_t rows_checksum = 0;  ///< see store/row_proof.h
    Bytes part_checksums;            ///< eight bytes each; empty when the payload is small
    std::int64_t generation = 0;     ///< 0, or one more than that of the damaged payloads of the same content

    std::int64_t data_id = 0;  ///< result
    bool is_new = false;       ///< result

    /// Canonical bytes in all.
    [[nodiscard]] std::uint64_t size() const noexcept { return canonical.num_rows * canonical.layout->size; }
};

/// Rows of so many canonical bytes need not be held whole: what stores or reads larger ones goes piece by piece.
inline constexpr std::uint64_t kWholeBytes = 8ULL * 1024 * 1024;

/// Some rows of a payload as they come: `piece` lives as long as the call.
using TakePiece = std::function<void(std::uint64_t first_row, const schema::RowBlock& piece)>;
/// Calls `visit` with all rows of a payload that is to be stored, canonical, in order.
void visit_rows(const PendingPayload& payload, const TakePiece& visit);

/// Fills in what can be computed before the transaction: hash, checksums, and chunks while their raw size stays below
/// 64 MiB in all (and the payload is not stored piece by piece).
void encode_ahead(std::span<PendingPayload> payloads);

/// Inserts or finds every payload, in order of hash (so that writers cannot deadlock), and writes rows or chunks of the
/// new ones. Sets data_id and is_new. A stored payload is only taken when its rows are read and are the same: what is
/// damaged is left, and the content stored once more, in a new generation.
void store_payloads(backends::Transaction& tx, std::span<PendingPayload> payloads, std::int64_t entry_time);

/// How the rows of a payload are stored, and their content hash.
struct PayloadForm {
    Storage encoding = Storage::Columns;
    std::string content_hash;  ///< hexadecimal
};
/// Unchecked; none when it is not there.
[[nodiscard]] std::optional<PayloadForm> find_payload_form(backends::Transaction& tx, std::int64_t data_id);
/// What the rows of a payload have to be, from its own row, which is checked; nothing in format 1.
[[nodiscard]] ExpectedRows read_expected_rows(backends::Transaction& tx, std::int64_t data_id);
/// Reads a binary payload into canonical rows.
[[nodiscard]] schema::RowBlock read_bytes(backends::Transaction& tx, const SchemaRecord& schema, std::int64_t data_id,
                                          std::uint64_t num_rows, const ExpectedRows& expected = {});
/// Reads a column payload into rows of `layout`, whose elements must be those of the schema (same paths, types, dims,
/// in order; offsets may differ).
[[nodiscard]] schema::RowBlock read_columns(backends::Transaction& tx, const SchemaRecord& schema,
                                            const std::string& table_name, DefinitionPtr layout, std::int64_t data_id,
                                            std::uint64_t num_rows, const ExpectedRows& expected = {});
/// Some elements of a column payload (indices of the schema's elements, ascending), in a packed layout of them alone;
/// each is proved by its part checksum. Nothing when that is not to be had: the payload is small (kKeepParts).
[[nodiscard]] std::optional<schema::RowBlock> read_some_columns(backends::Transaction& tx, const SchemaRecord& schema,
                                                                const std::string& table_name,
                                                                const std::vector<std::size_t>& elements,
                                                                std::int64_t data_id, std::uint64_t num_rows,
                                                                const ExpectedRows& expected);
/// Reads a payload in either form into canonical rows.
[[nodiscard]] schema::RowBlock read_rows(backends::Transaction& tx, const SchemaRecord& schema,
                                         const std::string& table_name, Storage encoding, std::int64_t data_id,
                                         std::uint64_t num_rows, const ExpectedRows& expected = {});
/// Reads a payload in either form piece by piece: canonical rows, in order, each piece of a few MiB or one longer row,
/// and nothing else is kept in memory. What is wrong with the payload as a whole shows behind the last piece: throws
/// Error(Corrupt) then, and what was taken must not be used.
void read_in_pieces(backends::Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                    Storage encoding, std::int64_t data_id, std::uint64_t num_rows, const ExpectedRows& expected,
                    const TakePiece& take);
/// Decodes the chunk rows `(chunk, bytes)` of one payload as they come, in order.
class ChunkAssembler {
public:
    ChunkAssembler(const SchemaRecord& schema, std::uint64_t num_rows);
    void add(std::int64_t chunk, std::span<const std::byte> encoded);
    /// The rows; throws Error(Corrupt) when chunks are missing or not the expected ones.
    [[nodiscard]] schema::RowBlock finish(std::int64_t data_id, const ExpectedRows& expected = {});

private:
    const SchemaRecord& schema_;
    schema::RowBlock rows_;
    std::vector<std::uint64_t> parts_;
};

}  // namespace etalon::store
