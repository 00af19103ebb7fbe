#include "store/payload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <numeric>
#include <tuple>

#include "backends/ids.h"
#include "conversion/canonical.h"
#include "etalon/error.h"
#include "etalon/interval.h"
#include "store/chunk.h"
#include "store/tables.h"

namespace etalon::store {

using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::Value;

namespace {

constexpr std::uint64_t kEncodeAheadLimit = 64ULL * 1024 * 1024;

using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, Bytes>;  // struct, schema, encoding, hash

Key key_of(const PendingPayload& payload) {
    return {payload.schema->struct_id, payload.schema->schema_id, static_cast<std::int64_t>(payload.encoding),
            Bytes(payload.hash.begin(), payload.hash.end())};
}

std::span<const std::byte> raw_chunk(const PendingPayload& payload, std::uint64_t chunk) {
    const auto range = chunk_range(*payload.schema->canonical, payload.canonical.num_rows, chunk);
    return payload.canonical.data.bytes().subspan(range.first, range.last - range.first);
}

/// Rows of a piece: some whole chunks, or one row that is longer than a chunk.
std::uint64_t rows_at_once(const StructDefinition& canonical) noexcept {
    constexpr std::uint64_t kChunks = 4;
    return std::max<std::uint64_t>(1, kChunks * (chunk_size(canonical) / canonical.size));
}

}  // namespace

void visit_rows(const PendingPayload& payload, const TakePiece& visit) {
    if (!payload.rows) return visit(0, payload.canonical);
    const auto& layout = *payload.layout;
    const auto at_once = rows_at_once(*payload.canonical.layout);
    for (std::uint64_t row = 0; row < payload.canonical.num_rows; row += at_once) {
        const auto count = std::min(at_once, payload.canonical.num_rows - row);
        auto piece =
            conversion::to_canonical(layout, {payload.rows.get() + row * layout.size, count * layout.size}, count);
        let_go(payload.rows, row * layout.size, (row + count) * layout.size);
        piece.layout = payload.canonical.layout;
        visit(row, piece);
    }
}

namespace {

/// Hash and checksums of a payload that comes in pieces.
void prove_pieces(PendingPayload& payload) {
    const auto& canonical = *payload.canonical.layout;
    Sha256Builder hash;
    hash.add(payload.canonical.num_rows);
    ColumnProver columns(canonical);
    std::vector<std::uint64_t> parts;
    ChunkCutter chunks(canonical, [&](std::uint64_t, std::span<const std::byte> raw) { parts.push_back(xxh3(raw)); });
    visit_rows(payload, [&](std::uint64_t, const schema::RowBlock& piece) {
        hash.add(piece.bytes());
        payload.encoding == Storage::Columns ? columns.add(piece.data.data(), piece.num_rows)
                                             : chunks.add(piece.bytes());
    });
    chunks.finish();
    if (payload.encoding == Storage::Columns) parts = columns.finish();
    payload.hash = hash.finish();
    auto proof = prove_parts(payload.canonical.num_rows, payload.size(), parts);
    payload.rows_checksum = proof.checksum;
    payload.part_checksums = std::move(proof.parts);
}

/// A payload that is stored already.
struct Stored {
    std::int64_t data_id = 0;
    std::int64_t generation = 0;
    std::int64_t rows_checksum = 0;
    bool row_is_whole = false;  ///< its row of `payload` has its checksum, and one of its rows
};

/// All generations of the payloads that are stored already, the newest first.
std::map<Key, std::vector<Stored>> find_stored(Transaction& tx, const std::vector<PendingPayload*>& wanted) {
    const auto& table = backends::payload_table();
    std::map<Key, std::vector<Stored>> found;
    const auto collect = [&](backends::Cursor& cursor) {
        while (cursor.next()) {
            const auto hash = cursor.bytes(table.at("contentHash"));
            const int checksum = table.at("rowsChecksum");
            auto& list =
                found[{cursor.integer(0), cursor.integer(1), cursor.integer(2), Bytes(hash.begin(), hash.end())}];
            Stored one{cursor.integer(table.width()), cursor.integer(table.at("generation")), 0, false};
            one.row_is_whole = !cursor.is_null(checksum) && table.is_whole(cursor, 0);
            if (one.row_is_whole) one.rows_checksum = cursor.integer(checksum);
            list.push_back(one);
        }
    };
    if (tx.engine() == Engine::Postgres) {
        static const Sql kFind(fmt::format(R"(SELECT {}, p."dataID"
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bytea[]) AS w("structID", "schemaID", "encoding", "hash")
JOIN "payload" p ON p."structID" = w."structID" AND p."schemaID" = w."schemaID" AND p."encoding" = w."encoding"
AND p."contentHash" = w."hash" ORDER BY p."generation" DESC)",
                                           table.select("p")));
        std::vector<std::int64_t> structs;
        std::vector<std::int64_t> schemas;
        std::vector<std::int64_t> encodings;
        std::vector<Bytes> hashes;
        for (const auto* payload : wanted) {
            auto [of_struct, of_schema, encoding, hash] = key_of(*payload);
            structs.push_back(of_struct);
            schemas.push_back(of_schema);
            encodings.push_back(encoding);
            hashes.push_back(std::move(hash));
        }
        collect(*tx.query(kFind, {std::move(structs), std::move(schemas), std::move(encodings), std::move(hashes)}));
        return found;
    }
    // Many of one kind at once: their hashes stand in one blob.
    constexpr std::size_t kMany = 16;
    std::map<std::array<std::int64_t, 3>, std::vector<const PendingPayload*>> kinds;
    for (const auto* payload : wanted) {
        kinds[{payload->schema->struct_id, payload->schema->schema_id, static_cast<std::int64_t>(payload->encoding)}]
            .push_back(payload);
    }
    static const Sql kFindMany(fmt::format(R"(SELECT {}, p."dataID" FROM {} w CROSS JOIN "payload" p
ON p."structID" = ?2 AND p."schemaID" = ?3 AND p."encoding" = ?4 AND p."contentHash" = w."blob"
ORDER BY p."generation" DESC)",
                                           table.select("p"), backends::listed_blobs(1, sizeof(Sha256))));
    for (const auto& [kind, list] : kinds) {
        if (list.size() < kMany) continue;
        Bytes hashes;
        hashes.reserve(list.size() * sizeof(Sha256));
        for (const auto* payload : list) hashes.insert(hashes.end(), payload->hash.begin(), payload->hash.end());
        collect(*tx.query(kFindMany, {std::move(hashes), kind[0], kind[1], kind[2]}));
    }
    static const Sql kFind(fmt::format(R"(SELECT {}, p."dataID" FROM "payload" p
WHERE p."structID" = ?1 AND p."schemaID" = ?2 AND p."encoding" = ?3 AND p."contentHash" = ?4
ORDER BY p."generation" DESC)",
                                       table.select("p")));
    for (const auto& [kind, list] : kinds) {
        if (list.size() >= kMany) continue;
        for (const auto* payload : list) {
            const auto& [of_struct, of_schema, encoding, hash] = key_of(*payload);
            collect(*tx.query(kFind, {of_struct, of_schema, encoding, hash}));
        }
    }
    return found;
}

/// True when the rows of a stored payload are read and are those of `payload`.
bool has_same_rows(Transaction& tx, const PendingPayload& payload, const Stored& stored) {
    if (!stored.row_is_whole || stored.rows_checksum != payload.rows_checksum) return false;
    if (payload.canonical.num_rows == 0) return true;
    try {
        if (payload.rows) {
            Sha256Builder hash;
            hash.add(payload.canonical.num_rows);
            read_in_pieces(tx, *payload.schema, payload.table_name, payload.encoding, stored.data_id,
                           payload.canonical.num_rows, {},
                           [&](std::uint64_t, const schema::RowBlock& piece) { hash.add(piece.bytes()); });
            return hash.finish() == payload.hash;
        }
        const auto rows = read_rows(tx, *payload.schema, payload.table_name, payload.encoding, stored.data_id,
                                    payload.canonical.num_rows);
        return std::ranges::equal(rows.data.bytes(), payload.canonical.data.bytes());
    } catch (const Error& error) {
        // Damaged rows are not taken; whoever reads them is told.
        if (error.code() != ErrorCode::Corrupt) throw;
        return false;
    }
}

constexpr std::int64_t kSizeUnknown = -1;  // becomes NULL

/// Raw and stored sizes as the payload table records them. The stored size is known when the chunks were encoded ahead;
/// that of columns is the engine's business.
std::pair<std::int64_t, std::int64_t> sizes_of(const PendingPayload& payload) {
    const auto raw = static_cast<std::int64_t>(payload.size());
    if (payload.chunks.empty()) return {raw, kSizeUnknown};
    std::int64_t stored = 0;
    for (const auto& chunk : payload.chunks) stored += static_cast<std::int64_t>(chunk.size());
    return {raw, stored};
}

/// The cells of a new row of `payload`, in the order of payload_table().
std::vector<backends::Value> cells_of(const PendingPayload& payload, std::int64_t entry_time) {
    const auto& [of_struct, of_schema, encoding, hash] = key_of(payload);
    const auto [raw, stored] = sizes_of(payload);
    return {of_struct,
            of_schema,
            encoding,
            static_cast<std::int64_t>(payload.canonical.num_rows),
            hash,
            raw,
            stored == kSizeUnknown ? Value{} : Value{stored},
            payload.generation,
            payload.rows_checksum,
            payload.part_checksums.empty() ? Value{} : Value{payload.part_checksums},
            entry_time,
            Value{}};
}

/// Inserts payloads (sorted by hash) that find_stored did not see; those that another writer has inserted meanwhile
/// are left without a data_id.
void insert_payloads(Transaction& tx, const std::vector<PendingPayload*>& missing, std::int64_t entry_time) {
    const auto& table = backends::payload_table();
    const auto columns =
        R"(INSERT INTO "payload" ("structID", "schemaID", "encoding", "numRows", "contentHash", "rawSize",
"storedSize", "generation", "rowsChecksum", "partChecksums", "entryTime", "payloadChecksum") )";
    if (tx.engine() == Engine::Sqlite) {
        // Nobody else writes: the next number is the one that the engine would give.
        auto next = table.next_id(tx);
        auto names = table.stored_columns();
        names.emplace_back("dataID");
        const auto writer = tx.bulk_insert(table.name(), names);
        for (auto* payload : missing) {
            payload->data_id = next++;
            payload->is_new = true;
            table.put(*writer, cells_of(*payload, entry_time));
            writer->put(payload->data_id);
            writer->end_row();
        }
        writer->finish();
        return;
    }
    static const Sql kInsert(std::string(columns) + R"(SELECT u.a, u.b, u.c, u.d, u.e, u.f,
nullif(u.g, -1), u.h, u.i, nullif(u.j, ''::bytea), ?12::bigint, u.k FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[],
?4::bigint[], ?5::bytea[], ?6::bigint[], ?7::bigint[], ?8::bigint[], ?9::bigint[], ?10::bytea[], ?11::bigint[])
u(a, b, c, d, e, f, g, h, i, j, k) ON CONFLICT DO NOTHING
RETURNING "dataID", "structID", "schemaID", "encoding", "contentHash")");
    std::vector<std::int64_t> structs;
    std::vector<std::int64_t> schemas;
    std::vector<std::int64_t> encodings;
    std::vector<std::int64_t> rows;
    std::vector<Bytes> hashes;
    std::vector<std::int64_t> raw_sizes;
    std::vector<std::int64_t> stored_sizes;
    std::vector<std::int64_t> generations;
    std::vector<std::int64_t> rows_checksums;
    std::vector<Bytes> parts;
    std::vector<std::int64_t> checksums;
    std::map<Key, PendingPayload*> by_key;
    for (auto* payload : missing) {
        by_key[key_of(*payload)] = payload;
        structs.push_back(payload->schema->struct_id);
        schemas.push_back(payload->schema->schema_id);
        encodings.push_back(static_cast<std::int64_t>(payload->encoding));
        rows.push_back(static_cast<std::int64_t>(payload->canonical.num_rows));
        hashes.emplace_back(payload->hash.begin(), payload->hash.end());
        const auto [raw, stored] = sizes_of(*payload);
        raw_sizes.push_back(raw);
        stored_sizes.push_back(stored);
        generations.push_back(payload->generation);
        rows_checksums.push_back(payload->rows_checksum);
        parts.push_back(payload->part_checksums);
        checksums.push_back(table.compute(cells_of(*payload, entry_time)));
    }
    const auto cursor =
        tx.query(kInsert, {std::move(structs), std::move(schemas), std::move(encodings), std::move(rows),
                           std::move(hashes), std::move(raw_sizes), std::move(stored_sizes), std::move(generations),
                           std::move(rows_checksums), std::move(parts), std::move(checksums), entry_time});
    while (cursor->next()) {
        const auto hash = cursor->bytes(4);
        auto* payload =
            by_key.at({cursor->integer(1), cursor->integer(2), cursor->integer(3), Bytes(hash.begin(), hash.end())});
        payload->data_id = cursor->integer(0);
        payload->is_new = true;
    }
}

void write_column_rows(Transaction& tx, const std::vector<const PendingPayload*>& payloads) {
    const auto& schema = *payloads.front()->schema;
    std::vector<std::string> columns{"dataID", "rowNumber"};
    columns.insert(columns.end(), schema.columns.begin(), schema.columns.end());
    const auto& elements = schema.canonical->elements;
    auto writer = tx.bulk_insert(payloads.front()->table_name, columns);
    for (const auto* payload : payloads) {
        visit_rows(*payload, [&](std::uint64_t first, const schema::RowBlock& piece) {
            for (std::uint64_t row = 0; row < piece.num_rows; ++row) {
                const std::byte* at = piece.row(row);
                writer->put(payload->data_id);
                writer->put(static_cast<std::int64_t>(first + row));
                for (const auto& element : elements)
                    writer->put_cell({element.type, element.dims}, at + element.offset);
                writer->end_row();
            }
        });
    }
    writer->finish();
}

void write_chunks(Transaction& tx, const std::vector<const PendingPayload*>& payloads) {
    static const std::vector<std::string> kColumns{"dataID", "chunk", "bytes"};
    auto writer = tx.bulk_insert("bytes", kColumns);
    for (const auto* payload : payloads) {
        const auto put = [&](std::uint64_t chunk, const Bytes& encoded) {
            writer->put(payload->data_id);
            writer->put(static_cast<std::int64_t>(chunk));
            writer->put(encoded);
            writer->end_row();
        };
        if (!payload->chunks.empty()) {
            for (std::uint64_t chunk = 0; chunk < payload->chunks.size(); ++chunk) put(chunk, payload->chunks[chunk]);
            continue;
        }
        const auto& canonical = *payload->schema->canonical;
        ChunkCutter chunks(canonical, [&](std::uint64_t chunk, std::span<const std::byte> raw) {
            put(chunk, encode_chunk(canonical, chunk, raw));
        });
        visit_rows(*payload, [&](std::uint64_t, const schema::RowBlock& piece) { chunks.add(piece.bytes()); });
        chunks.finish();
    }
    writer->finish();
}

}  // namespace

void encode_ahead(std::span<PendingPayload> payloads) {
    std::uint64_t budget = kEncodeAheadLimit;
    for (auto& payload : payloads) {
        if (payload.rows) {
            prove_pieces(payload);
            continue;
        }
        payload.hash = schema::content_hash(payload.canonical);
        auto proof = prove_rows(payload.canonical, payload.encoding);
        payload.rows_checksum = proof.checksum;
        payload.part_checksums = std::move(proof.parts);
        const auto raw = payload.canonical.data.size();
        if (payload.encoding != Storage::Bytes || raw > budget) continue;
        budget -= raw;
        const auto count = chunk_count(*payload.schema->canonical, payload.canonical.num_rows);
        for (std::uint64_t chunk = 0; chunk < count; ++chunk) {
            payload.chunks.push_back(encode_chunk(*payload.schema->canonical, chunk, raw_chunk(payload, chunk)));
        }
    }
}

void store_payloads(Transaction& tx, std::span<PendingPayload> payloads, std::int64_t entry_time) {
    // The first of several equal ones is stored, the others share its ID.
    std::map<Key, PendingPayload*> first;
    for (auto& payload : payloads) first.try_emplace(key_of(payload), &payload);
    std::vector<PendingPayload*> sorted;
    for (const auto& [key, payload] : first) sorted.push_back(payload);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->hash < b->hash; });
    if (sorted.empty()) return;

    const auto take_stored = [&](const std::vector<PendingPayload*>& wanted) {
        const auto stored = find_stored(tx, wanted);
        std::vector<PendingPayload*> missing;
        for (auto* payload : wanted) {
            const auto found = stored.find(key_of(*payload));
            if (found == stored.end()) {
                missing.push_back(payload);
                continue;
            }
            const auto whole = std::ranges::find_if(
                found->second, [&](const Stored& one) { return has_same_rows(tx, *payload, one); });
            if (whole != found->second.end()) {
                payload->data_id = whole->data_id;
            } else {
                payload->generation = found->second.front().generation + 1;
                missing.push_back(payload);
            }
        }
        return missing;
    };
    auto missing = take_stored(sorted);
    if (!missing.empty()) {
        insert_payloads(tx, missing, entry_time);
        std::erase_if(missing, [](const auto* payload) { return payload->is_new; });
        // What another commit has inserted in between is visible now (READ COMMITTED).
        if (!missing.empty() && !take_stored(missing).empty()) {
            throw Error(ErrorCode::Backend, {"payload neither stored nor found", "", "", "", "commit again"})
                .set_retryable(true);
        }
    }

    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<const PendingPayload*>> column_rows;
    std::vector<const PendingPayload*> chunks;
    for (const auto* payload : sorted) {
        if (!payload->is_new || payload->canonical.num_rows == 0) continue;
        if (payload->encoding == Storage::Columns) {
            column_rows[{payload->schema->struct_id, payload->schema->schema_id}].push_back(payload);
        } else {
            chunks.push_back(payload);
        }
    }
    const auto by_id = [](const auto* a, const auto* b) { return a->data_id < b->data_id; };
    for (auto& [key, list] : column_rows) {
        std::sort(list.begin(), list.end(), by_id);
        write_column_rows(tx, list);
    }
    if (!chunks.empty()) {
        std::sort(chunks.begin(), chunks.end(), by_id);
        write_chunks(tx, chunks);
    }
    for (auto& payload : payloads) {
        const auto* stored = first.at(key_of(payload));
        if (&payload != stored) payload.data_id = stored->data_id;
    }
}

namespace {

void check_chunk_number(const StructDefinition& canonical, std::int64_t chunk, std::uint64_t next,
                        std::uint64_t total) {
    if (chunk >= 0 && static_cast<std::uint64_t>(chunk) == next && next < total) return;
    throw Error(ErrorCode::Corrupt, {"chunks of a payload do not follow each other", canonical.name,
                                     fmt::format("chunk {}", next), fmt::format("chunk {}", chunk), ""});
}

void check_chunk_count(const StructDefinition& canonical, std::int64_t data_id, std::uint64_t found,
                       std::uint64_t expected) {
    if (found == expected) return;
    throw Error(ErrorCode::Corrupt, {"payload is incomplete", fmt::format("{}, dataID {}", canonical.name, data_id),
                                     fmt::format("{} chunks", expected), std::to_string(found), ""});
}

}  // namespace

ChunkAssembler::ChunkAssembler(const SchemaRecord& schema, std::uint64_t num_rows)
    : schema_(schema), rows_{schema.canonical, AlignedBuffer(schema.canonical->size * num_rows), num_rows} {}

void ChunkAssembler::add(std::int64_t chunk, std::span<const std::byte> encoded) {
    const auto& canonical = *schema_.canonical;
    const auto next = parts_.size();
    check_chunk_number(canonical, chunk, next, chunk_count(canonical, rows_.num_rows));
    const auto range = chunk_range(canonical, rows_.num_rows, next);
    parts_.push_back(
        decode_chunk(canonical, next, encoded, {rows_.data.data() + range.first, range.last - range.first}));
}

schema::RowBlock ChunkAssembler::finish(std::int64_t data_id, const ExpectedRows& rows) {
    check_chunk_count(*schema_.canonical, data_id, parts_.size(), chunk_count(*schema_.canonical, rows_.num_rows));
    if (rows.proved) rows.check(rows_checksum(rows_.num_rows, parts_), schema_.canonical->name, data_id);
    return std::move(rows_);
}

namespace {

/// The row of a payload, checked: the cells of payload_table().
std::unique_ptr<backends::Cursor> read_payload_row(Transaction& tx, std::int64_t data_id) {
    const auto& table = backends::payload_table();
    static const Sql kRead(fmt::format(R"(SELECT {} FROM "payload" p WHERE p."dataID" = ?1)", table.select("p")));
    auto cursor = tx.query(kRead, {data_id});
    if (!cursor->next()) {
        throw Error(ErrorCode::Corrupt, {"the payload of a record is not there", "table payload",
                                         fmt::format("dataID {}", data_id), "none", "see 'etalon verify'"});
    }
    (void)table.check(*cursor, 0);
    return cursor;
}

}  // namespace

ExpectedRows read_expected_rows(Transaction& tx, std::int64_t data_id) {
    if (!backends::is_proved(tx)) return {};
    const auto cursor = read_payload_row(tx, data_id);
    return {tx.verified(), cursor->find_integer(backends::payload_table().at("rowsChecksum"))};
}

namespace {

/// The numbers of rows or chunks that one statement reads, so that the first one sees what comes before, and the last
/// one what comes behind.
struct Page {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    std::uint64_t total = 0;

    [[nodiscard]] std::vector<Value> values(std::int64_t data_id) const {
        return {data_id, first == 0 ? kMinusInfinity : static_cast<std::int64_t>(first),
                first + count == total ? kPlusInfinity : static_cast<std::int64_t>(first + count),
                static_cast<std::int64_t>(count + 1)};
    }
};

/// Calls `read` for one page after the other. What an engine keeps in memory of what was read goes from time to time.
void for_each_page(Transaction& tx, std::uint64_t total, std::uint64_t at_once, std::uint64_t size_of_one,
                   const std::function<void(const Page& page)>& read) {
    constexpr std::uint64_t kKept = 4ULL * 1024 * 1024;
    std::uint64_t kept = 0;
    for (std::uint64_t first = 0; first < total; first += at_once) {
        const Page page{first, std::min(at_once, total - first), total};
        read(page);
        kept += page.count * size_of_one;
        if (kept < kKept) continue;
        tx.let_go();
        kept = 0;
    }
}

/// Reads all chunks of a payload, in order.
void visit_chunks(Transaction& tx, const StructDefinition& canonical, std::int64_t data_id, std::uint64_t num_rows,
                  const std::function<void(std::int64_t chunk, std::span<const std::byte> encoded)>& visit) {
    static const Sql kRead(R"(SELECT "chunk", "bytes" FROM "bytes" WHERE "dataID" = ?1 AND "chunk" >= ?2
AND "chunk" < ?3 ORDER BY "chunk" LIMIT ?4)");
    constexpr std::uint64_t kAtOnce = 4;
    for_each_page(tx, chunk_count(canonical, num_rows), kAtOnce, chunk_size(canonical), [&](const Page& page) {
        const auto cursor = tx.query(kRead, page.values(data_id));
        while (cursor->next()) visit(cursor->integer(0), cursor->bytes(1));
    });
}

/// Reads all rows of a payload in columns. `room` gives the place of the first of some rows of `layout`, which are all
/// there when it is called next or this returns.
void visit_column_rows(Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                       const StructDefinition& layout, std::int64_t data_id, std::uint64_t num_rows,
                       const std::function<std::byte*(std::uint64_t first, std::uint64_t count)>& room) {
    std::string columns;
    for (const auto& column : schema.columns) columns += ", " + backends::quote_identifier(column);
    const Sql read(fmt::format(R"(SELECT "rowNumber"{} FROM {} WHERE "dataID" = ?1 AND "rowNumber" >= ?2
AND "rowNumber" < ?3 ORDER BY "rowNumber" LIMIT ?4)",
                               columns, backends::quote_identifier(table_name)));
    std::vector<backends::Cursor::PlacedCell> cells;
    for (std::size_t i = 0; i < layout.elements.size(); ++i) {
        const auto& element = layout.elements[i];
        cells.push_back({static_cast<int>(i + 1), {element.type, element.dims}, element.offset});
    }
    const auto refuse = [&](std::uint64_t row) {
        throw Error(
            ErrorCode::Corrupt,
            {"rows of a payload are missing or too many", fmt::format("table {}, dataID {}", table_name, data_id),
             fmt::format("{} rows", num_rows), fmt::format("other than that at row {}", row), ""});
    };
    constexpr std::uint64_t kMostRows = 16'384;
    const auto at_once = std::min(kMostRows, rows_at_once(*schema.canonical));
    for_each_page(tx, num_rows, at_once, layout.size, [&](const Page& page) {
        std::byte* at = room(page.first, page.count);
        const auto cursor = tx.query(read, page.values(data_id));
        for (std::uint64_t row = page.first; row < page.first + page.count; ++row, at += layout.size) {
            if (!cursor->next() || cursor->integer(0) != static_cast<std::int64_t>(row)) refuse(row);
            cursor->read_cells(cells, at);
        }
        if (cursor->next()) refuse(page.first + page.count);
    });
}

void read_chunk_pieces(Transaction& tx, const SchemaRecord& schema, std::int64_t data_id, std::uint64_t num_rows,
                       const ExpectedRows& expected, const TakePiece& take) {
    const auto& canonical = *schema.canonical;
    const auto chunk_bytes = chunk_size(canonical);
    const auto total = chunk_count(canonical, num_rows);
    // Whole rows: those of a chunk, or one that several chunks have.
    const auto rows_of_piece =
        std::clamp<std::uint64_t>(chunk_bytes / canonical.size, 1, std::max<std::uint64_t>(1, num_rows));
    schema::RowBlock piece{schema.canonical, AlignedBuffer(rows_of_piece * canonical.size), 0};
    AlignedBuffer raw(std::min(chunk_bytes, num_rows * canonical.size));
    std::uint64_t row = 0;
    std::uint64_t filled = 0;
    std::vector<std::uint64_t> parts;
    visit_chunks(tx, canonical, data_id, num_rows, [&](std::int64_t chunk, std::span<const std::byte> encoded) {
        const auto next = parts.size();
        check_chunk_number(canonical, chunk, next, total);
        const auto range = chunk_range(canonical, num_rows, next);
        std::span<std::byte> rest{raw.data(), range.last - range.first};
        parts.push_back(decode_chunk(canonical, next, encoded, rest));
        while (!rest.empty()) {
            const auto count = std::min<std::uint64_t>(rest.size(), piece.data.size() - filled);
            std::memcpy(piece.data.data() + filled, rest.data(), count);
            rest = rest.subspan(count);
            filled += count;
            piece.num_rows = filled / canonical.size;
            if (filled != piece.data.size() && row + piece.num_rows != num_rows) continue;
            take(row, piece);
            row += piece.num_rows;
            filled = 0;
        }
    });
    check_chunk_count(canonical, data_id, parts.size(), total);
    if (expected.proved) expected.check(rows_checksum(num_rows, parts), canonical.name, data_id);
}

void read_column_pieces(Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                        std::int64_t data_id, std::uint64_t num_rows, const ExpectedRows& expected,
                        const TakePiece& take) {
    const auto& canonical = *schema.canonical;
    schema::RowBlock piece{schema.canonical, {}, 0};
    std::uint64_t first = 0;
    ColumnProver prover(canonical);
    const auto hand_on = [&] {
        if (piece.num_rows == 0) return;
        if (expected.proved) prover.add(piece.data.data(), piece.num_rows);
        take(first, piece);
    };
    visit_column_rows(tx, schema, table_name, canonical, data_id, num_rows,
                      [&](std::uint64_t row, std::uint64_t count) {
                          hand_on();
                          if (piece.data.size() < count * canonical.size)
                              piece.data = AlignedBuffer(count * canonical.size);
                          piece.num_rows = count;
                          first = row;
                          return piece.data.data();
                      });
    hand_on();
    if (expected.proved) expected.check(rows_checksum(num_rows, prover.finish()), canonical.name, data_id);
}

}  // namespace

void read_in_pieces(Transaction& tx, const SchemaRecord& schema, const std::string& table_name, Storage encoding,
                    std::int64_t data_id, std::uint64_t num_rows, const ExpectedRows& expected, const TakePiece& take) {
    encoding == Storage::Bytes ? read_chunk_pieces(tx, schema, data_id, num_rows, expected, take)
                               : read_column_pieces(tx, schema, table_name, data_id, num_rows, expected, take);
}

schema::RowBlock read_bytes(Transaction& tx, const SchemaRecord& schema, std::int64_t data_id, std::uint64_t num_rows,
                            const ExpectedRows& expected) {
    ChunkAssembler assembler(schema, num_rows);
    visit_chunks(tx, *schema.canonical, data_id, num_rows,
                 [&](std::int64_t chunk, std::span<const std::byte> encoded) { assembler.add(chunk, encoded); });
    return assembler.finish(data_id, expected);
}

schema::RowBlock read_columns(Transaction& tx, const SchemaRecord& schema, const std::string& table_name,
                              DefinitionPtr layout, std::int64_t data_id, std::uint64_t num_rows,
                              const ExpectedRows& expected) {
    const auto size = layout->size;
    schema::RowBlock rows{std::move(layout), AlignedBuffer::zeroed(size * num_rows), num_rows};
    visit_column_rows(tx, schema, table_name, *rows.layout, data_id, num_rows,
                      [&](std::uint64_t first, std::uint64_t) { return rows.row(first); });
    if (expected.proved) {
        expected.check(column_rows_checksum(*rows.layout, rows.data.data(), num_rows), rows.layout->name, data_id);
    }
    return rows;
}

namespace {

/// The part checksums of a payload that is proved by them; nothing when it keeps none.
std::optional<std::vector<std::uint64_t>> read_parts(Transaction& tx, std::int64_t data_id, std::uint64_t num_rows,
                                                     std::size_t count, const ExpectedRows& expected,
                                                     const std::string& struct_name) {
    const auto cursor = read_payload_row(tx, data_id);
    const int at = backends::payload_table().at("partChecksums");
    if (cursor->is_null(at)) return std::nullopt;
    const auto bytes = cursor->bytes(at);
    std::vector<std::uint64_t> parts(bytes.size() / sizeof(std::uint64_t));
    std::memcpy(parts.data(), bytes.data(), parts.size() * sizeof(std::uint64_t));
    if (parts.size() != count) return std::nullopt;
    // What the stretch of the record says of the payload holds for its parts.
    expected.check(rows_checksum(num_rows, parts), struct_name, data_id);
    return parts;
}

}  // namespace

std::optional<schema::RowBlock> read_some_columns(Transaction& tx, const SchemaRecord& schema,
                                                  const std::string& table_name,
                                                  const std::vector<std::size_t>& elements, std::int64_t data_id,
                                                  std::uint64_t num_rows, const ExpectedRows& expected) {
    std::optional<std::vector<std::uint64_t>> parts;
    if (expected.proved) {
        parts = read_parts(tx, data_id, num_rows, schema.columns.size(), expected, schema.definition->name);
        if (!parts) return std::nullopt;
    }
    SchemaRecord some{schema.struct_id, schema.schema_id, nullptr, nullptr, {}, {}};
    auto layout = std::make_shared<StructDefinition>();
    layout->name = schema.canonical->name;
    for (const auto i : elements) {
        auto element = schema.canonical->elements[i];
        element.offset = layout->size;
        layout->size += element.bytes();
        layout->elements.push_back(std::move(element));
        some.columns.push_back(schema.columns[i]);
    }
    some.canonical = layout;
    some.definition = layout;
    schema::RowBlock rows{layout, AlignedBuffer::zeroed(layout->size * num_rows), num_rows};
    visit_column_rows(tx, some, table_name, *layout, data_id, num_rows,
                      [&](std::uint64_t first, std::uint64_t) { return rows.row(first); });
    if (parts) {
        const auto found = column_parts(*layout, rows.data.data(), num_rows);
        for (std::size_t i = 0; i < elements.size(); ++i) {
            if (found[i] == (*parts)[elements[i]]) continue;
            throw Error(ErrorCode::Corrupt,
                        {"the values of an element are not those that were written",
                         fmt::format("{} of struct {}, dataID {}", layout->elements[i].path, layout->name, data_id), "",
                         "", "'etalon verify --deep' lists what is damaged"});
        }
    }
    return rows;
}

schema::RowBlock read_rows(Transaction& tx, const SchemaRecord& schema, const std::string& table_name, Storage encoding,
                           std::int64_t data_id, std::uint64_t num_rows, const ExpectedRows& expected) {
    return encoding == Storage::Bytes
               ? read_bytes(tx, schema, data_id, num_rows, expected)
               : read_columns(tx, schema, table_name, schema.canonical, data_id, num_rows, expected);
}

std::optional<PayloadForm> find_payload_form(Transaction& tx, std::int64_t data_id) {
    static const Sql kPayload(R"(SELECT "encoding", "contentHash" FROM "payload" WHERE "dataID" = ?1)");
    const auto cursor = tx.query(kPayload, {data_id});
    if (!cursor->next()) return std::nullopt;
    return PayloadForm{static_cast<Storage>(cursor->integer(0)), to_hex(cursor->bytes(1))};
}

}  // namespace etalon::store
