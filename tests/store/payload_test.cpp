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
