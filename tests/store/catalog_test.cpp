// Structs in SQL: the tables that docs/storage_format.md promises, names that collide, and structs too wide for
// columns.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <random>
#include <set>

#include "schema/random_definitions.h"
#include "store/relation_names.h"
#include "store/schema_cache.h"
#include "store/support.h"

using namespace etalon;
using namespace etalon::store;
using backends::Engine;
using backends::Sql;
using backends::TransactionMode;
using etalon::test::create_store;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::natural;
using etalon::test::pending;
using etalon::test::random_rows;
using etalon::test::register_struct;
using etalon::test::same_bytes;

namespace {

std::string lower(std::string text) {
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

/// Columns of a relation as the engine's catalog lists them.
std::vector<std::string> columns_of(backends::Transaction& tx, const std::string& relation) {
    std::vector<std::string> columns;
    const auto cursor =
        tx.engine() == Engine::Sqlite
            ? tx.query(Sql("SELECT \"name\" FROM pragma_table_xinfo(?1) ORDER BY \"cid\""), {relation})
            : tx.query(
                  Sql("SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() "
                      "AND table_name = ?1 ORDER BY ordinal_position"),
                  {relation});
    while (cursor->next()) columns.emplace_back(cursor->text(0));
    return columns;
}

void check_unique(const std::vector<std::string>& names) {
    std::set<std::string> seen;
    for (const auto& name : names) {
        CAPTURE(name);
        CHECK(name.size() <= 63);
        CHECK(seen.insert(lower(name)).second);
    }
}

/// Rows of a random kind go in and come out of every column-stored version.
void check_rows(backends::Transaction& tx, const etalon::test::Registered& made) {
    std::mt19937_64 random(11);
    std::vector<PendingPayload> payloads;
    for (std::size_t i = 0; i < made.schemas.size(); ++i) {
        if (made.schemas[i]->columns.empty()) continue;
        payloads.push_back(pending(made, i, Storage::Columns, random_rows(made.schemas[i]->canonical, 3, random)));
    }
    encode_ahead(payloads);
    store_payloads(tx, payloads, 1);
    for (const auto& payload : payloads) {
        CHECK(same_bytes(
            read_columns(tx, *payload.schema, payload.table_name, payload.schema->canonical, payload.data_id, 3),
            payload.canonical));
    }
}

}  // namespace

TEST_CASE("the mask view shows which versions have an element") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    auto made = register_struct(*tx, natural({element("a", ScalarType::Int32), element("old", ScalarType::Float32)}));
    auto second = natural(
        {element("a", ScalarType::Int32), element("renamed", ScalarType::Float32), element("c", ScalarType::Int8)});
    second.elements[1].renamed_from = "old";
    made.schemas.push_back(insert_schema(*tx, made.record, made.schemas, second, {0, 2}));
    made.schemas.push_back(insert_schema(*tx, made.record, made.schemas,
                                         natural({element("c", ScalarType::Int8), element("old", ScalarType::Float32)}),
                                         {0, 3}));
    std::map<std::string, std::string> masks;
    const auto cursor = tx->query(Sql(R"(SELECT "name", "mask" FROM "schemaMask")"), {});
    while (cursor->next()) masks[std::string(cursor->text(0))] = cursor->text(1);
    CHECK(masks.size() == 3);
    CHECK(masks["a"] == "1,2");
    CHECK(masks["c"] == "2,3");
    CHECK((masks.contains("old, renamed") || masks.contains("old,renamed") || masks.contains("renamed, old")));
    CHECK(made.record.last_schema == 3);
    check_rows(*tx, made);
    SchemaCache known;
    CHECK(read_schemas(*tx, made.record.id, known).size() == 3);
    set_current_schema(*tx, made.record, 1);
    CHECK(find_struct(*tx, "Sample")->last_schema == 1);
    CHECK(count_schemas(*tx) == std::vector<std::pair<std::int64_t, std::int64_t>>{{made.record.id, 3}});
}

TEST_CASE("no two elements of one version have the same key") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    auto made = register_struct(*tx, natural({element("a", ScalarType::Int32)}));
    auto second = natural({element("b", ScalarType::Int32)});
    second.elements[0].renamed_from = "a";
    made.schemas.push_back(insert_schema(*tx, made.record, made.schemas, second, {0, 2}));
    // The name that was given up is used for something else.
    made.schemas.push_back(insert_schema(*tx, made.record, made.schemas,
                                         natural({element("a", ScalarType::Int32), element("b", ScalarType::Int32)}),
                                         {0, 3}));
    // And without any rename the two names are what they were last.
    made.schemas.push_back(insert_schema(*tx, made.record, made.schemas,
                                         natural({element("b", ScalarType::Int8), element("a", ScalarType::Int8)}),
                                         {0, 4}));
    std::vector<std::pair<std::string, std::int64_t>> keys;
    const auto cursor =
        tx->query(Sql(R"(SELECT "name", "elementKey" FROM "schema" ORDER BY "schemaID", "position")"), {});
    while (cursor->next()) keys.emplace_back(cursor->text(0), cursor->integer(1));
    CHECK(keys == std::vector<std::pair<std::string, std::int64_t>>{
                      {"a", 1}, {"b", 1}, {"a", 2}, {"b", 1}, {"b", 1}, {"a", 2}});
}

TEST_CASE("a schema version is made once, but never taken for another one that has its number") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    SchemaCache known;
    const auto record_next = [&](const StructDefinition& definition, bool stays) {
        const auto tx = connection->begin(TransactionMode::Write);
        auto record = find_struct(*tx, "Sample");
        if (!record) record = insert_struct(*tx, definition, {0, 1});
        (void)insert_schema(*tx, *record, read_schemas(*tx, record->id, known), definition, {0, 1});
        const auto schemas = read_schemas(*tx, record->id, known);
        CHECK(*schemas.back()->definition == definition);
        if (stays) tx->commit();
        return schemas;
    };
    const auto first = record_next(natural({element("a", ScalarType::Int32)}), true);
    const auto undone = record_next(natural({element("a", ScalarType::Int32), element("b", ScalarType::Int8)}), false);
    REQUIRE(undone.size() == 2);
    CHECK(undone[0] == first[0]);
    // The same number and the same columns, with another comment.
    auto other = natural({element("a", ScalarType::Int32), element("b", ScalarType::Int8)});
    other.elements[1].comment = "of another commit";
    const auto second = record_next(other, true);
    REQUIRE(second.size() == 2);
    CHECK(second[0] == first[0]);
    CHECK(second[1]->schema_id == undone[1]->schema_id);
    CHECK(second[1] != undone[1]);
    CHECK(undone[1]->definition->elements[1].comment.empty());
    const auto tx = connection->begin(TransactionMode::Read);
    CHECK(read_schemas(*tx, first[0]->struct_id, known) == second);
    // Only what is read is given: a version with other columns is another one.
    const auto text = schema::to_json(other);
    const auto with_columns = known.get_schema(7, 1, text, "x\x1fy");
    CHECK(known.get_schema(7, 1, text, "x\x1fy") == with_columns);
    CHECK(known.get_schema(7, 1, text, "x\x1fz")->columns == std::vector<std::string>{"x", "z"});
    CHECK(known.get_definition(7, 1, text) == with_columns->definition);
    CHECK(error_of([&] { (void)known.get_schema(7, 1, text, "x"); }).code() == ErrorCode::Corrupt);
    CHECK(error_of([&] { (void)known.get_definition(7, 1, "{"); }).code() == ErrorCode::BadInput);
    CHECK(known.get_definition(7, 1, text) == with_columns->definition);
}

TEST_CASE("columns stay unique whatever the paths look like") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    const std::string prefix(70, 'p');
    std::string umlauts = "x";
    for (int i = 0; i < 40; ++i) umlauts += "\xc3\xa4";  // cut inside a character, if cut by bytes
    auto made = register_struct(*tx, natural({element("gain", ScalarType::Float32),
                                              element("Gain", ScalarType::Float64),
                                              element("GAIN", ScalarType::Int8),
                                              element("GAIN_2", ScalarType::Int8),
                                              element("dataID", ScalarType::Int64),
                                              element("rownumber", ScalarType::Int64),
                                              element("rowid", ScalarType::Int64),
                                              element("oid", ScalarType::Int64),
                                              element("ctid", ScalarType::Int64),
                                              element("XMIN", ScalarType::Int64),
                                              element("tableoid", ScalarType::Int64),
                                              element("_rowid_", ScalarType::Int64),
                                              element("select", ScalarType::Int64),
                                              element("pos.x", ScalarType::Int64),
                                              element("hit[2].x", ScalarType::Int64),
                                              element(prefix + "a", ScalarType::Int64),
                                              element(prefix + "b", ScalarType::UInt64, {2}),
                                              element(prefix, ScalarType::Char, {5}),
                                              element(umlauts, ScalarType::Bool),
                                              element(umlauts + "\xc3\xa4", ScalarType::Bool)}));
    REQUIRE(made.schemas[0]->columns.size() == 20);
    check_unique(columns_of(*tx, made.record.table_name));
    CHECK(made.schemas[0]->columns[0] == "gain");
    CHECK(made.schemas[0]->columns[13] == "pos.x");
    // Same path, other type: a column of its own; the old one keeps its values.
    made.schemas.push_back(
        insert_schema(*tx, made.record, made.schemas,
                      natural({element("gain", ScalarType::Int16), element("gain_2", ScalarType::Float32),
                               element(prefix + "a", ScalarType::Float32), element("pos.x", ScalarType::Int64, {3})}),
                      {0, 2}));
    check_unique(columns_of(*tx, made.record.table_name));
    CHECK(made.schemas[1]->columns[0] != "gain");
    check_rows(*tx, made);
    tx->commit();
    // The names are the recorded ones, not guessed again.
    const auto read = connection->begin(TransactionMode::Read);
    SchemaCache known;
    const auto again = read_schemas(*read, made.record.id, known);
    REQUIRE(again.size() == 2);
    CHECK(again[0]->columns == made.schemas[0]->columns);
    CHECK(again[1]->columns == made.schemas[1]->columns);
}

TEST_CASE("tables of structs stay clear of each other and of Etalon's own") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    std::vector<std::string> tables;
    std::string longest(80, 'L');
    for (const auto& name :
         {std::string("tpc"), std::string("TPC"), std::string("Tpc"), std::string("struct_TPC"), std::string("schema"),
          std::string("STRUCTURE"), std::string("bytes"), std::string("dataindex"), std::string("Nodes"),
          std::string("sqlite_stat1"), std::string("pg_class"), std::string("dataIndex_winner"), std::string("select"),
          std::string("a\"b"), std::string("it's"), std::string("ns::name"), longest, longest + "x", longest + "y"}) {
        CAPTURE(name);
        const auto made = register_struct(
            *tx, natural({element("x", ScalarType::Float64), element("t", ScalarType::Char, {9})}, name));
        CHECK(find_struct(*tx, name)->table_name == made.record.table_name);
        tables.push_back(made.record.table_name);
        check_rows(*tx, made);
    }
    CHECK(tables[0] == "tpc");
    check_unique(tables);
    CHECK(all_structs(*tx).size() == tables.size());
    for (const auto& table : tables) CHECK(lower(table) != "schema");
}

TEST_CASE("more than a thousand columns, or more width than a page takes, are stored as bytes") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = engine.open();
    create_store(*connection);
    const auto tx = connection->begin(TransactionMode::Write);
    const auto wide = [](int count, ScalarType type, int from = 0) {
        std::vector<Element> elements;
        for (int i = 0; i < count; ++i) elements.push_back(element("e" + std::to_string(from + i), type));
        return elements;
    };
    CHECK(fits_columns(natural(wide(1000, ScalarType::Int32)), {}));
    CHECK_FALSE(fits_columns(natural(wide(1001, ScalarType::Int8)), {}));
    CHECK_FALSE(fits_columns(natural(wide(1000, ScalarType::Float64)), {}));
    CHECK(fits_columns(natural({element("x", ScalarType::Float64, {100'000})}), {}));
    auto made = register_struct(*tx, natural(wide(1001, ScalarType::Int8), "TooMany"));
    CHECK(made.record.is_binary);
    CHECK(made.record.table_name.empty());
    CHECK(made.schemas[0]->columns.empty());
    // Over all versions: the third does not fit any more and is bytes only; the first keeps its columns.
    auto grown = register_struct(*tx, natural(wide(600, ScalarType::Int32), "Grown"));
    CHECK(grown.record.is_binary);  // long rows are bytes by default, but may be columns
    CHECK_FALSE(grown.schemas[0]->columns.empty());
    grown.schemas.push_back(
        insert_schema(*tx, grown.record, grown.schemas, natural(wide(400, ScalarType::Int32, 600), "Grown"), {0, 2}));
    CHECK_FALSE(grown.schemas[1]->columns.empty());
    grown.schemas.push_back(
        insert_schema(*tx, grown.record, grown.schemas, natural(wide(2, ScalarType::Int32, 1000), "Grown"), {0, 3}));
    CHECK(grown.schemas[2]->columns.empty());
    check_rows(*tx, grown);
    // The widest rows that are allowed do fit into a page.
    auto widest = register_struct(*tx, natural(wide(896, ScalarType::Float64), "Widest"));
    CHECK_FALSE(widest.schemas[0]->columns.empty());
    check_rows(*tx, widest);
    // Columns that move out of line count as their pointers, and those must fit too.
    std::vector<Element> arrays;
    for (int i = 0; i < 398; ++i) arrays.push_back(element("a" + std::to_string(i), ScalarType::Float32, {30}));
    auto pointers = register_struct(*tx, natural(arrays, "Pointers"));
    CHECK_FALSE(pointers.schemas[0]->columns.empty());
    check_rows(*tx, pointers);
    std::vector<Element> big;
    for (int i = 0; i < 398; ++i) big.push_back(element("u" + std::to_string(i), ScalarType::UInt64));
    auto numerics = register_struct(*tx, natural(big, "Numerics"));
    check_rows(*tx, numerics);
}

TEST_CASE("small structs of scalars and short arrays live in columns by default") {
    CHECK(default_storage(natural({element("x", ScalarType::Float64)})) == Storage::Columns);
    CHECK(default_storage(natural({element("x", ScalarType::Float32, {256})})) == Storage::Columns);
    CHECK(default_storage(natural({element("x", ScalarType::Float32, {257})})) == Storage::Bytes);
    CHECK(default_storage(natural({element("t", ScalarType::Char, {2048})})) == Storage::Columns);
    CHECK(default_storage(natural({element("t", ScalarType::Char, {2049})})) == Storage::Bytes);
}

TEST_CASE("unique names are cut between characters and numbered ignoring case") {
    UniqueNames names({"Taken"});
    CHECK(names.make("free") == "free");
    CHECK(names.make("FREE") == "FREE_2");
    CHECK(names.make("taken") == "taken_2");
    CHECK(names.make("taken_2") == "taken_2_2");
    const std::string sixty_four(64, 'x');
    CHECK(names.make(sixty_four) == std::string(63, 'x'));
    CHECK(names.make(sixty_four) == std::string(61, 'x') + "_2");
    std::string odd(62, 'y');
    odd += "\xe2\x82\xac";
    CHECK(names.make(odd) == std::string(62, 'y'));
}
