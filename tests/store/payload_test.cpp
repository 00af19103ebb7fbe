// Payloads on both engines: bit for bit, stored once, and never changed.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <random>

#include "schema/random_definitions.h"
#include "store/chunk.h"
#include "store/schema_cache.h"
#include "store/support.h"

using namespace etalon;
using namespace etalon::store;
using backends::Engine;
using backends::TransactionMode;
using etalon::test::ask;
using etalon::test::create_store;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::natural;
using etalon::test::pending;
using etalon::test::pick;
using etalon::test::random_rows;
using etalon::test::register_struct;
using etalon::test::same_bytes;

namespace {

schema::RowBlock read(backends::Transaction& tx, const PendingPayload& payload) {
    if (payload.encoding == Storage::Bytes) {
        return read_bytes(tx, *payload.schema, payload.data_id, payload.canonical.num_rows);
    }
    return read_columns(tx, *payload.schema, payload.table_name, payload.schema->canonical, payload.data_id,
                        payload.canonical.num_rows);
}

}  // namespace

TEST_CASE("random bits of random structs come back from columns and from bytes") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const bool sqlite = connection->engine() == Engine::Sqlite;
    int number = 0;
    CHECK(rc::check("rows through the store", [&] {
        if (!sqlite && number > 60) return;  // DDL is slow there; the seed decides which sixty
        const auto definition = etalon::test::random_definition("S" + std::to_string(number++));
        std::mt19937_64 random(pick(0, 1'000'000));
        const auto tx = connection->begin(TransactionMode::Write);
        const auto made = register_struct(*tx, definition);
        std::vector<PendingPayload> payloads;
        for (int i = 0; i < 3; ++i) {
            const auto rows = random_rows(made.schemas[0]->canonical, pick(1, 12), random);
            if (!made.schemas[0]->columns.empty()) payloads.push_back(pending(made, 0, Storage::Columns, rows));
            payloads.push_back(pending(made, 0, Storage::Bytes, rows));
        }
        encode_ahead(payloads);
        store_payloads(*tx, payloads, 5);
        for (const auto& payload : payloads) {
            RC_ASSERT(payload.data_id > 0);
            RC_ASSERT(same_bytes(read(*tx, payload), payload.canonical));
        }
        // What is recorded is what was given.
        SchemaCache known;
        const auto again = read_schemas(*tx, made.record.id, known);
        RC_ASSERT(again.size() == 1u);
        RC_ASSERT(*again[0]->definition == definition);
        RC_ASSERT(again[0]->columns == made.schemas[0]->columns);
        RC_ASSERT(*again[0]->canonical == *made.schemas[0]->canonical);
    }));
}

TEST_CASE("equal rows are stored once per schema and encoding") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    const auto made =
        register_struct(*tx, natural({element("x", ScalarType::Float64), element("n", ScalarType::Int32)}));
    std::mt19937_64 random(7);
    const auto one = random_rows(made.schemas[0]->canonical, 4, random);
    const auto two = random_rows(made.schemas[0]->canonical, 4, random);
    std::vector<PendingPayload> first;
    first.push_back(pending(made, 0, Storage::Columns, one));
    first.push_back(pending(made, 0, Storage::Columns, two));
    first.push_back(pending(made, 0, Storage::Columns, one));
    first.push_back(pending(made, 0, Storage::Bytes, one));
    encode_ahead(first);
    store_payloads(*tx, first, 1);
    CHECK(first[0].data_id == first[2].data_id);
    CHECK(first[0].data_id != first[1].data_id);
    CHECK(first[0].data_id != first[3].data_id);
    CHECK(first[0].is_new);
    CHECK_FALSE(first[2].is_new);
    std::vector<PendingPayload> second;
    second.push_back(pending(made, 0, Storage::Columns, two));
    second.push_back(pending(made, 0, Storage::Bytes, two));
    encode_ahead(second);
    store_payloads(*tx, second, 2);
    CHECK(second[0].data_id == first[1].data_id);
    CHECK_FALSE(second[0].is_new);
    CHECK(second[1].is_new);
    tx->commit();
    CHECK(ask(*connection, R"(SELECT count(*) FROM "payload")") == 4);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "Sample")") == 8);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "payload" WHERE "storedSize" IS NULL AND "encoding" = 1)") == 2);
    CHECK(ask(*connection, R"(SELECT count(*) FROM "payload" WHERE "rawSize" = 48 AND "numRows" = 4)") == 4);
}

TEST_CASE("large payloads are written and read chunk by chunk") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    const auto wide = register_struct(
        *tx, natural({element("a", ScalarType::UInt8, {5}), element("x", ScalarType::Float32, {700'000})}, "Wide"));
    const auto small =
        register_struct(*tx, natural({element("x", ScalarType::Float64), element("n", ScalarType::Int32)}, "Small"));
    CHECK(wide.record.is_binary);
    CHECK_FALSE(small.record.is_binary);
    std::mt19937_64 random(8);
    std::vector<PendingPayload> payloads;
    payloads.push_back(pending(wide, 0, Storage::Bytes, random_rows(wide.schemas[0]->canonical, 9, random)));
    payloads.push_back(pending(small, 0, Storage::Bytes, random_rows(small.schemas[0]->canonical, 300'000, random)));
    CHECK(chunk_count(*wide.schemas[0]->canonical, 9) > 17);
    // One encoded ahead, one while it is written.
    encode_ahead(std::span(payloads).first(1));
    payloads[1].hash = schema::content_hash(payloads[1].canonical);
    store_payloads(*tx, payloads, 1);
    for (const auto& payload : payloads) CHECK(same_bytes(read(*tx, payload), payload.canonical));
    CHECK(error_of([&] { (void)read_bytes(*tx, *wide.schemas[0], payloads[0].data_id, 10); }).code() ==
          ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)read_bytes(*tx, *wide.schemas[0], payloads[0].data_id, 8); }).code() ==
          ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)read_bytes(*tx, *wide.schemas[0], 999'999, 1); }).code() == ErrorCode::Corrupt);
}

TEST_CASE("a column payload with missing or too many rows is corrupt") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    const auto made = register_struct(*tx, natural({element("x", ScalarType::Float64)}));
    std::mt19937_64 random(9);
    std::vector<PendingPayload> payloads;
    payloads.push_back(pending(made, 0, Storage::Columns, random_rows(made.schemas[0]->canonical, 3, random)));
    encode_ahead(payloads);
    store_payloads(*tx, payloads, 1);
    const auto rows = [&](std::uint64_t n) {
        (void)read_columns(*tx, *made.schemas[0], made.record.table_name, made.schemas[0]->canonical,
                           payloads[0].data_id, n);
    };
    CHECK_NOTHROW(rows(3));
    CHECK(error_of([&] { rows(2); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { rows(4); }).code() == ErrorCode::Corrupt);
}

namespace {

/// The same payload with its rows in a program's layout, as large ones come.
PendingPayload loose(const PendingPayload& whole, const DefinitionPtr& layout) {
    PendingPayload payload;
    payload.schema = whole.schema;
    payload.encoding = whole.encoding;
    payload.table_name = whole.table_name;
    payload.canonical = {whole.canonical.layout, {}, whole.canonical.num_rows};
    auto rows = AlignedBuffer::zeroed(layout->size * whole.canonical.num_rows);
    for (std::uint64_t row = 0; row < whole.canonical.num_rows; ++row) {
        for (std::size_t i = 0; i < layout->elements.size(); ++i) {
            const auto& element = layout->elements[i];
            std::memcpy(rows.data() + row * layout->size + element.offset,
                        whole.canonical.row(row) + whole.canonical.layout->elements[i].offset, element.bytes());
        }
    }
    payload.layout = layout;
    payload.rows = share(std::move(rows));
    return payload;
}

/// All rows as read_in_pieces gives them, and how many pieces there were.
std::pair<schema::RowBlock, int> read_pieces(backends::Transaction& tx, const PendingPayload& payload,
                                             const ExpectedRows& expected) {
    schema::RowBlock all{payload.canonical.layout, AlignedBuffer(payload.size()), 0};
    int pieces = 0;
    read_in_pieces(tx, *payload.schema, payload.table_name, payload.encoding, payload.data_id,
                   payload.canonical.num_rows, expected, [&](std::uint64_t first, const schema::RowBlock& piece) {
                       CHECK(first == all.num_rows);
                       std::memcpy(all.row(first), piece.data.data(), piece.bytes().size());
                       all.num_rows += piece.num_rows;
                       ++pieces;
                   });
    return {std::move(all), pieces};
}

}  // namespace

TEST_CASE("rows that are stored and read piece by piece are those that are stored and read whole") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    struct Trial {
        StructDefinition definition;
        std::uint64_t num_rows;
        Storage encoding;
        int pieces;
    };
    const auto sample = natural({element("n", ScalarType::UInt8), element("x", ScalarType::Float64, {20})}, "Sample");
    const auto wide =
        natural({element("a", ScalarType::UInt8, {5}), element("x", ScalarType::Float32, {400'000})}, "Wide");
    int number = 0;
    for (const auto& trial : {Trial{sample, 40'000, Storage::Columns, 3}, Trial{sample, 40'000, Storage::Bytes, 7},
                              Trial{sample, 3, Storage::Columns, 1}, Trial{sample, 1, Storage::Bytes, 1},
                              Trial{wide, 5, Storage::Bytes, 5}}) {
        CAPTURE(number);
        const auto tx = connection->begin(TransactionMode::Write);
        auto definition = trial.definition;
        definition.name += std::to_string(number++);
        const auto made = register_struct(*tx, definition);
        std::mt19937_64 random(31);
        const auto rows = random_rows(made.schemas[0]->canonical, trial.num_rows, random);
        std::vector<PendingPayload> whole;
        whole.push_back(pending(made, 0, trial.encoding, rows));
        encode_ahead(whole);
        std::vector<PendingPayload> first;
        first.push_back(loose(whole[0], made.schemas[0]->definition));
        encode_ahead(first);
        CHECK(first[0].hash == whole[0].hash);
        CHECK(first[0].rows_checksum == whole[0].rows_checksum);
        CHECK(first[0].part_checksums == whole[0].part_checksums);
        store_payloads(*tx, first, 1);
        CHECK(first[0].is_new);
        CHECK(same_bytes(read(*tx, first[0]), rows));
        const auto [all, pieces] = read_pieces(*tx, first[0], {true, first[0].rows_checksum});
        CHECK(same_bytes(all, rows));
        CHECK(pieces == trial.pieces);
        // Again, whole and in pieces: both are found.
        store_payloads(*tx, whole, 2);
        CHECK_FALSE(whole[0].is_new);
        std::vector<PendingPayload> again;
        again.push_back(loose(whole[0], made.schemas[0]->definition));
        encode_ahead(again);
        store_payloads(*tx, again, 2);
        CHECK_FALSE(again[0].is_new);
        CHECK(again[0].data_id == first[0].data_id);
        // What is wrong as a whole is told, whatever was handed on before.
        const auto code_of = [&](const auto& call) { return error_of(call).code(); };
        CHECK(code_of([&] { (void)read_pieces(*tx, first[0], {true, first[0].rows_checksum + 1}); }) ==
              ErrorCode::Corrupt);
        auto other = loose(whole[0], made.schemas[0]->definition);
        other.data_id = first[0].data_id;
        ++other.canonical.num_rows;
        CHECK(code_of([&] { (void)read_pieces(*tx, other, {}); }) == ErrorCode::Corrupt);
        other.data_id = 999'999;
        CHECK(code_of([&] { (void)read_pieces(*tx, other, {}); }) == ErrorCode::Corrupt);
    }
}
