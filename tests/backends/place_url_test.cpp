#include <doctest/doctest.h>

#include "backends/each_engine.h"
#include "backends/port.h"
#include "etalon/error.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::error_of;

namespace {

void check_place(std::string_view url, Engine engine, std::string_view target, std::string_view name) {
    CAPTURE(url);
    const PlaceUrl place = parse_place_url(url);
    CHECK(place.engine == engine);
    CHECK(place.target == target);
    CHECK(place.database_name == name);
}

}  // namespace

TEST_CASE("a SQLite URL is a path, relative or absolute, with a name behind the hash") {
    check_place("sqlite:rel.db", Engine::Sqlite, "rel.db", "");
    check_place("sqlite:../a b/rel.db", Engine::Sqlite, "../a b/rel.db", "");
    check_place("sqlite:/abs/x.db#Calibrations_tpc", Engine::Sqlite, "/abs/x.db", "Calibrations_tpc");
    check_place("sqlite:/data/run#5/x.db", Engine::Sqlite, "/data/run#5/x.db", "");
    check_place("sqlite:/data/run#5/x.db#N", Engine::Sqlite, "/data/run#5/x.db", "N");
    check_place("SQLite:x?mode=ro%20", Engine::Sqlite, "x?mode=ro%20", "");
}

TEST_CASE("of a PostgreSQL URL everything before the hash goes to libpq unchanged, the name keeps its case") {
    check_place("postgresql://u:p%23@h:5433/db?sslmode=require#Calibrations_tpc", Engine::Postgres,
                "postgresql://u:p%23@h:5433/db?sslmode=require", "Calibrations_tpc");
    check_place("postgres:///db", Engine::Postgres, "postgres:///db", "");
    check_place("postgresql:///db?host=/run/x&port=1#MiXed Name", Engine::Postgres,
                "postgresql:///db?host=/run/x&port=1", "MiXed Name");
}

TEST_CASE("a URL that is none is a usage error that names the kinds") {
    for (const char* url :
         {"", "x.db", "/abs/x.db", "memory:x", "csv:", "csv:#n", "mysql://h/db", "sqlite", "sqlite:", "sqlite:#n",
          "sqlite:x.db#", "postgresql:db", "postgresql:///db#", "file:x.db", " sqlite:x.db"}) {
        CAPTURE(url);
        const Error error = error_of([&] { (void)parse_place_url(url); });
        CHECK(error.code() == ErrorCode::Usage);
        CHECK(error.info().expected.find("sqlite:PATH") != std::string::npos);
        CHECK(error.info().expected.find("postgresql://") != std::string::npos);
    }
    CHECK(error_of([] { (void)parse_place_url("postgresql:///db#" + std::string(64, 'x')); }).code() ==
          ErrorCode::Usage);
    CHECK(parse_place_url("postgresql:///db#" + std::string(63, 'x')).database_name.size() == 63);
}

TEST_CASE("a refused URL does not show its password") {
    const Error error = error_of([] { (void)parse_place_url("postgresql://me:geheim@h/db?password=geheim2#"); });
    CHECK(std::string(error.what()).find("geheim") == std::string::npos);
}

TEST_CASE("identifiers and literals are quoted with their quotes doubled") {
    CHECK(quote_identifier("a") == "\"a\"");
    CHECK(quote_identifier("a\"b'c") == "\"a\"\"b'c\"");
    CHECK(quote_identifier("") == "\"\"");
    CHECK(quote_literal("it's \"x\"\\") == "'it''s \"x\"\\'");
    CHECK(error_of([] { (void)quote_identifier(std::string_view("a\0b", 3)); }).code() == ErrorCode::BadInput);
}

TEST_CASE("column types of elements follow the design") {
    const std::uint64_t dims[] = {3, 4};
    const auto type = [](ScalarType scalar, std::span<const std::uint64_t> d) {
        return column_type(Engine::Postgres, CellType{scalar, d});
    };
    CHECK(type(ScalarType::Bool, {}) == "boolean");
    CHECK(type(ScalarType::UInt8, {}) == "smallint");
    CHECK(type(ScalarType::UInt16, {}) == "integer");
    CHECK(type(ScalarType::UInt32, {}) == "bigint");
    CHECK(type(ScalarType::UInt64, {}) == "numeric(20,0)");
    CHECK(type(ScalarType::UInt64, dims) == "numeric(20,0)[]");
    CHECK(type(ScalarType::Float32, dims) == "real[]");
    CHECK(type(ScalarType::Char, std::span(dims).first(1)) == "bytea");
    CHECK(type(ScalarType::Char, dims) == "bytea[]");
    CHECK(column_type(Engine::Sqlite, CellType{ScalarType::Float64, dims}).empty());
    CHECK(column_type(Engine::Postgres, FixedType::Integer) == "bigint");
    CHECK(column_type(Engine::Sqlite, FixedType::Text) == "TEXT");
}
