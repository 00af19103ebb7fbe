// Element cells, bit for bit, on both engines.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <random>

#include "backends/each_engine.h"
#include "backends/port.h"

using namespace etalon;
using namespace etalon::backends;
using etalon::test::EachEngine;
using etalon::test::error_of;
using etalon::test::script;

namespace {

struct Cell {
    ScalarType type = ScalarType::Int32;
    std::vector<std::uint64_t> dims;
    Bytes value;

    [[nodiscard]] CellType cell_type() const { return {type, dims}; }
};

/// Random bits, made a value: a bool is 0 or 1, text has zeroes behind its end.
Bytes random_value(const CellType& type, std::mt19937_64& random) {
    Bytes value(type.bytes());
    // Runs of equal bytes give zeroes, denormals, NaNs and 2^64-1 more often than pure noise does.
    const auto style = random() % 4;
    for (auto& byte : value) {
        const auto noise = random();
        byte = style == 0                     ? std::byte{0xff}
               : style == 1 && noise % 3 != 0 ? std::byte{0x7f}
                                              : static_cast<std::byte>(noise >> 32);
    }
    const auto style_bits = random();
    for (std::size_t at = 0; is_identity(type.type) && at < value.size(); at += size_of(type.type)) {
        if (random() % 3 == 0)
            std::fill_n(value.begin() + static_cast<std::ptrdiff_t>(at), size_of(type.type), std::byte{0});
    }
    if (type.type == ScalarType::Bool) {
        for (auto& byte : value) byte &= std::byte{1};
    }
    if (type.is_text() && type.dims.back() != 0) {
        const auto capacity = static_cast<std::size_t>(type.dims.back());
        for (std::size_t at = 0; at < value.size(); at += capacity) {
            const auto length = style_bits % 3 == 0 ? capacity : random() % (capacity + 1);
            for (std::size_t i = 0; i < capacity; ++i) {
                std::byte& byte = value[at + i];
                if (style_bits % 2 == 0) byte &= std::byte{0x7f};  // half of the texts are ASCII
                if (byte == std::byte{0}) byte = std::byte{'\\'};
                if (i >= length) byte = std::byte{0};
            }
        }
    }
    return value;
}

Cell random_cell(ScalarType type, std::size_t rank, std::mt19937_64& random) {
    Cell cell{type, {}, {}};
    for (std::size_t i = 0; i < rank; ++i) cell.dims.push_back(1 + random() % 5);
    cell.value = random_value(cell.cell_type(), random);
    return cell;
}

std::string create(Engine engine, const std::string& table, const std::vector<Cell>& cells) {
    std::string sql =
        "CREATE TABLE " + quote_identifier(table) + " (\"row\" " + std::string(column_type(engine, FixedType::Integer));
    for (std::size_t i = 0; i < cells.size(); ++i) {
        sql += ", \"c" + std::to_string(i) + "\" " + column_type(engine, cells[i].cell_type());
    }
    return sql + ")";
}

/// Writes the cells as one row of a new table, reads them back, and returns the first that differs, or -1.
int round_trip(Connection& db, const std::vector<Cell>& cells) {
    const std::string table = test::fresh_schema_name();
    std::vector<std::string> columns{"row"};
    std::string names;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        columns.push_back("c" + std::to_string(i));
        names += (i == 0 ? "\"c" : ", \"c") + std::to_string(i) + '"';
    }
    const auto t = db.begin(TransactionMode::Write);
    t->execute_script(create(db.engine(), table, cells));
    const auto bulk = t->bulk_insert(table, columns);
    bulk->put(1);
    for (const auto& cell : cells) bulk->put_cell(cell.cell_type(), cell.value.data());
    bulk->end_row();
    REQUIRE(bulk->finish() == 1);
    const auto rows = t->query(Sql("SELECT " + names + " FROM " + quote_identifier(table)), {});
    REQUIRE(rows->next());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Bytes out(cells[i].value.size() + 8, std::byte{0xa5});
        rows->read_cell(static_cast<int>(i), cells[i].cell_type(), out.data());
        for (std::size_t k = cells[i].value.size(); k < out.size(); ++k) REQUIRE(out[k] == std::byte{0xa5});
        out.resize(cells[i].value.size());
        if (out != cells[i].value) return static_cast<int>(i);
    }
    return -1;
}

template <class T>
Cell scalar(ScalarType type, T value) {
    Cell cell{type, {}, Bytes(sizeof value)};
    std::memcpy(cell.value.data(), &value, sizeof value);
    return cell;
}

template <class T>
Cell array(ScalarType type, std::vector<std::uint64_t> dims, const std::vector<T>& values) {
    Cell cell{type, std::move(dims), Bytes(values.size() * sizeof(T))};
    std::memcpy(cell.value.data(), values.data(), cell.value.size());
    return cell;
}

Cell text(std::string value, std::uint64_t capacity) {
    value.resize(capacity, '\0');
    const auto bytes = as_bytes(value);
    return {ScalarType::Char, {capacity}, {bytes.begin(), bytes.end()}};
}

constexpr auto kInf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("cells with the extremes of every type come back bit for bit") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    std::vector<Cell> cells;
    for (const std::uint8_t b : {0, 1}) cells.push_back(scalar<std::uint8_t>(ScalarType::Bool, b));
    for (const int v : {-128, -1, 0, 127}) cells.push_back(scalar(ScalarType::Int8, static_cast<std::int8_t>(v)));
    for (const int v : {0, 128, 255}) cells.push_back(scalar(ScalarType::UInt8, static_cast<std::uint8_t>(v)));
    for (const int v : {-32768, 32767}) cells.push_back(scalar(ScalarType::Int16, static_cast<std::int16_t>(v)));
    for (const int v : {0, 65535}) cells.push_back(scalar(ScalarType::UInt16, static_cast<std::uint16_t>(v)));
    for (const auto v : {INT32_MIN, INT32_MAX}) cells.push_back(scalar(ScalarType::Int32, v));
    for (const auto v : {std::uint32_t{0}, UINT32_MAX}) cells.push_back(scalar(ScalarType::UInt32, v));
    for (const auto v : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) cells.push_back(scalar(ScalarType::Int64, v));
    for (const std::uint64_t v : {std::uint64_t{0}, std::uint64_t{9999}, std::uint64_t{10000}, std::uint64_t{100000000},
                                  std::uint64_t{INT64_MAX}, std::uint64_t{INT64_MAX} + 1, UINT64_MAX, UINT64_MAX - 9999,
                                  std::uint64_t{10000000000000000000U}}) {
        cells.push_back(scalar(ScalarType::UInt64, v));
        cells.push_back(array<std::uint64_t>(ScalarType::UInt64, {2}, {v, UINT64_MAX}));
    }
    for (const std::uint32_t bits : {0x00000000U, 0x80000000U, 0x00000001U, 0x7f7fffffU, 0x7f800000U, 0xff800000U,
                                     0x7fc00000U, 0x7f800001U, 0xffffffffU, 0xffc12345U, 0x3dcccccdU}) {
        cells.push_back(scalar(ScalarType::Float32, bits));
        cells.push_back(array<std::uint32_t>(ScalarType::Float32, {1, 2}, {bits, 0x80000000U}));
    }
    for (const std::uint64_t bits :
         {0ULL, 0x8000000000000000ULL, 1ULL, 0x7fefffffffffffffULL, 0x7ff0000000000000ULL, 0xfff0000000000000ULL,
          0x7ff8000000000000ULL, 0x7ff0000000000001ULL, 0xfff8dead0000beefULL}) {
        cells.push_back(scalar(ScalarType::Float64, bits));
        cells.push_back(
            array<std::uint64_t>(ScalarType::Float64, {3}, {bits, 0x8000000000000000ULL, 0x3ff0000000000000ULL}));
    }
    for (const char* value : {"", "x", "it's", "a\"b", "back\\slash", "{1,2}", "NULL", "nan", "\xc3\xa4", "\xff\xfe",
                              "\xc3", "\x01\x1f\x7f"}) {
        cells.push_back(text(value, 16));
        cells.push_back(text(value, std::max<std::size_t>(1, std::strlen(value))));
    }
    cells.push_back(array<double>(ScalarType::Float64, {2, 2}, {kInf, -kInf, -0.0, 5e-324}));
    cells.push_back(array<char>(ScalarType::Char, {3, 2}, {'"', '\\', '\n', 0, 0, 0}));
    cells.push_back(array<char>(ScalarType::Char, {2, 2}, {'\xff', 0, 'a', 'b'}));
    cells.push_back(array<std::uint8_t>(ScalarType::Bool, {2, 3}, {0, 1, 1, 0, 0, 1}));
    cells.push_back(array<std::int16_t>(ScalarType::Int16, {1, 1, 2, 1, 1, 2, 1, 3},
                                        std::vector<std::int16_t>{1, -2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    const int wrong = round_trip(*db, cells);
    INFO("cell " << wrong);
    CHECK(wrong == -1);
}

TEST_CASE("cells of any type, dims and bits come back bit for bit") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    CHECK(rc::check([&](std::uint64_t seed) {
        std::mt19937_64 random(seed);
        std::vector<Cell> cells;
        for (int type = 1; type <= 15; ++type) {
            for (std::size_t rank = type == 12 ? 1 : 0; rank <= 4; ++rank) {
                cells.push_back(random_cell(static_cast<ScalarType>(type), rank, random));
            }
        }
        const int wrong = round_trip(*db, cells);
        if (wrong >= 0) RC_FAIL("cell " + std::to_string(wrong) + " differs");
    }));
}

TEST_CASE("a very large array is one cell") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    std::mt19937_64 random(1);
    std::vector<float> values(230400);
    std::uniform_real_distribution<float> uniform(0.5F, 1.5F);
    for (auto& value : values) value = uniform(random);
    CHECK(round_trip(*db, {array(ScalarType::Float32, {24, 100, 96}, values), scalar(ScalarType::Int32, 5)}) == -1);
    values[77] = std::numeric_limits<float>::quiet_NaN();
    CHECK(round_trip(*db, {array(ScalarType::Float32, {230400}, values)}) == -1);
}

TEST_CASE("what follows the end of a text is not kept") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    script(*db, "CREATE TABLE \"t\" (\"a\" " +
                    column_type(db->engine(), CellType{ScalarType::Char, std::vector<std::uint64_t>{4}}) + ", \"b\" " +
                    column_type(db->engine(), CellType{ScalarType::Char, std::vector<std::uint64_t>{2, 4}}) + ")");
    const std::vector<std::string> columns{"a", "b"};
    const std::vector<std::uint64_t> one{4};
    const std::vector<std::uint64_t> two{2, 4};
    const auto t = db->begin(TransactionMode::Write);
    const auto bulk = t->bulk_insert("t", columns);
    bulk->put_cell({ScalarType::Char, one}, as_bytes(std::string_view("a\0zz", 4)).data());
    bulk->put_cell({ScalarType::Char, two}, as_bytes(std::string_view("\xff\0zz\0yyy", 8)).data());
    bulk->end_row();
    (void)bulk->finish();
    const auto rows = t->query("SELECT * FROM \"t\"", {});
    REQUIRE(rows->next());
    Bytes out(8, std::byte{1});
    rows->read_cell(0, {ScalarType::Char, one}, out.data());
    CHECK(as_text(out).substr(0, 4) == std::string_view("a\0\0\0", 4));
    CHECK(as_text(rows->bytes(0)) == "a");
    rows->read_cell(1, {ScalarType::Char, two}, out.data());
    CHECK(as_text(out) == std::string_view("\xff\0\0\0\0\0\0\0", 8));
}

TEST_CASE("a cell of another type, other dims or NULL is refused, not bent") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    const std::vector<Cell> cells{scalar(ScalarType::Int32, 300),
                                  scalar(ScalarType::Float64, 0.1),
                                  text("hello", 5),
                                  array<float>(ScalarType::Float32, {2, 3}, {1, 2, 3, 4, 5, 6}),
                                  scalar(ScalarType::UInt64, UINT64_MAX),
                                  scalar(ScalarType::Int32, -1)};
    const std::string table = "t";
    std::vector<std::string> columns{"row"};
    for (std::size_t i = 0; i < cells.size(); ++i) columns.push_back("c" + std::to_string(i));
    const auto t = db->begin(TransactionMode::Write);
    t->execute_script(create(db->engine(), table, cells));
    const auto bulk = t->bulk_insert(table, columns);
    bulk->put_null();
    for (const auto& cell : cells) bulk->put_cell(cell.cell_type(), cell.value.data());
    bulk->end_row();
    (void)bulk->finish();
    const auto rows = t->query("SELECT * FROM \"t\"", {});
    REQUIRE(rows->next());
    const auto refused = [&](int column, ScalarType type, std::vector<std::uint64_t> dims) {
        Bytes out(1000);
        const Error error = error_of([&] { rows->read_cell(column, CellType{type, dims}, out.data()); });
        CHECK(error.code() == ErrorCode::Corrupt);
        CHECK(error.info().where.find(columns[static_cast<std::size_t>(column)]) != std::string::npos);
    };
    refused(0, ScalarType::Int32, {});
    refused(0, ScalarType::Int32, {2});
    refused(0, ScalarType::Char, {2});
    refused(1, ScalarType::Int8, {});
    refused(1, ScalarType::UInt8, {});
    refused(1, ScalarType::Bool, {});
    refused(1, ScalarType::Float32, {});
    refused(1, ScalarType::Int32, {1});
    refused(2, ScalarType::Float32, {});
    refused(2, ScalarType::Int32, {});
    refused(3, ScalarType::Char, {4});
    refused(3, ScalarType::Int8, {});
    refused(4, ScalarType::Float32, {6});
    refused(4, ScalarType::Float32, {3, 2});
    refused(4, ScalarType::Float32, {2, 2});
    refused(4, ScalarType::Float32, {2, 4});
    refused(4, ScalarType::Float32, {1, 2, 3});
    refused(4, ScalarType::Char, {2, 3});
    refused(5, ScalarType::Int64, {});
    refused(6, ScalarType::UInt64, {});
    refused(6, ScalarType::UInt32, {});
}

TEST_CASE("a bool that is neither 0 nor 1 is bad input") {
    const EachEngine place;
    if (!place) return;
    const auto db = place.open();
    CHECK(error_of([&] { (void)round_trip(*db, {scalar<std::uint8_t>(ScalarType::Bool, 2)}); }).code() ==
          ErrorCode::BadInput);
    CHECK(error_of([&] { (void)round_trip(*db, {array<std::uint8_t>(ScalarType::Bool, {2}, {0, 255})}); }).code() ==
          ErrorCode::BadInput);
    CHECK(db->begin(TransactionMode::Single)->query("SELECT 1", {})->next());
}
