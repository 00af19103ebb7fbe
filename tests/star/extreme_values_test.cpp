#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "conversion/canonical.h"
#include "schema/build.h"
#include "star/places.h"
#include "text/text.h"

namespace {

using namespace etalon;
using test::element;

constexpr std::string_view kName = "Extremes";

/// Every scalar type alone and in arrays of one and two dimensions, in an order that needs padding.
DefinitionPtr extremes_layout() {
    std::vector<Element> elements;
    for (int number = 1; number <= 12; ++number) {
        const auto type = static_cast<ScalarType>(number);
        const std::string name(name_of(type));
        const bool is_text = type == ScalarType::Char;
        elements.push_back(
            element(name + "_1", type, is_text ? std::vector<std::uint64_t>{11} : std::vector<std::uint64_t>{}));
        elements.push_back(
            element(name + "_3", type, is_text ? std::vector<std::uint64_t>{3, 5} : std::vector<std::uint64_t>{3}));
        elements.push_back(element(name + "_2x3", type,
                                   is_text ? std::vector<std::uint64_t>{2, 3, 1} : std::vector<std::uint64_t>{2, 3}));
    }
    return std::make_shared<const StructDefinition>(test::natural(std::move(elements), std::string(kName)));
}

schema::RowBlock rows_of(const DefinitionPtr& layout, std::uint64_t num_rows) {
    return {layout, AlignedBuffer::zeroed(num_rows * layout->size), num_rows};
}

/// Puts values into every element of that type, in turn, beginning with another one in each row.
template <class T>
void fill(schema::RowBlock& block, ScalarType type, const std::vector<T>& values) {
    for (std::uint64_t row = 0; row < block.num_rows; ++row) {
        std::size_t next = row;
        for (const auto& item : block.layout->elements) {
            if (item.type != type) continue;
            for (std::uint64_t i = 0; i < item.count(); ++i, ++next) {
                const T value = values[next % values.size()];
                std::memcpy(block.row(row) + item.offset + i * sizeof(T), &value, sizeof(T));
            }
        }
    }
}

template <class T>
std::vector<T> integers() {
    using Limits = std::numeric_limits<T>;
    return {Limits::max(), Limits::min(), T(Limits::max() - 1),    T(Limits::min() + 1),
            T(0),          T(-1),         T(Limits::max() / 2 + 1)};
}

template <class T>
std::vector<T> floats() {
    using Limits = std::numeric_limits<T>;
    return {T(-0.0),
            Limits::infinity(),
            -Limits::infinity(),
            Limits::quiet_NaN(),
            Limits::denorm_min(),
            -Limits::denorm_min(),
            Limits::min() / 2,
            Limits::min(),
            Limits::max(),
            Limits::lowest(),
            T(0.1),
            T(1) + Limits::epsilon(),
            T(9007199254740993.0),
            T(0),
            T(-1e-5),
            T(16777217)};
}

/// Quiet and signalling NaNs of both signs with bits of their own.
template <class T, class Bits>
std::vector<T> payload_nans(Bits quiet, Bits signalling) {
    const Bits sign = Bits{1} << (sizeof(Bits) * 8 - 1);
    std::vector<T> nans;
    for (const Bits bits : {quiet | 0x1234, quiet | 0x1234 | sign, signalling | 1, signalling | 0x4321 | sign}) {
        nans.push_back(std::bit_cast<T>(static_cast<Bits>(bits)));
    }
    return nans;
}

void fill_text(schema::RowBlock& block, const std::vector<std::string>& texts) {
    for (std::uint64_t row = 0; row < block.num_rows; ++row) {
        std::size_t next = row;
        for (const auto& item : block.layout->elements) {
            if (!item.is_text()) continue;
            const auto capacity = item.dims.back();
            for (std::uint64_t at = 0; at < item.bytes(); at += capacity, ++next) {
                const auto& text = texts[next % texts.size()];
                std::memcpy(block.row(row) + item.offset + at, text.data(),
                            std::min<std::size_t>(text.size(), capacity));
            }
        }
    }
}

/// The rarest values of each type; text that is empty, full, quoted, escaped or no UTF-8.
schema::RowBlock rare_rows(const DefinitionPtr& layout) {
    auto block = rows_of(layout, 32);
    fill<std::uint8_t>(block, ScalarType::Bool, {1, 0});
    fill(block, ScalarType::Int8, integers<std::int8_t>());
    fill(block, ScalarType::UInt8, integers<std::uint8_t>());
    fill(block, ScalarType::Int16, integers<std::int16_t>());
    fill(block, ScalarType::UInt16, integers<std::uint16_t>());
    fill(block, ScalarType::Int32, integers<std::int32_t>());
    fill(block, ScalarType::UInt32, integers<std::uint32_t>());
    fill(block, ScalarType::Int64, integers<std::int64_t>());
    fill(block, ScalarType::UInt64, integers<std::uint64_t>());
    fill(block, ScalarType::Float32, floats<float>());
    fill(block, ScalarType::Float64, floats<double>());
    fill_text(block,
              {"\"quoted\"", "a,b;c\td", "back\\slash", "\\x41", "na\xC3\xAFve", "\xFF\xFE\x80", "full to end", "",
               " two spaces ", "'", "{\"hex\"}", "NULL", "line\nend\r", "\x01\x7F", "\xE2\x82\xAC", "{1,2}"});
    return block;
}

/// Random bits everywhere, but a bool is 0 or 1 and text ends at its first NUL, as in all rows that Etalon makes.
schema::RowBlock random_rows(const DefinitionPtr& layout, std::mt19937_64& random) {
    auto block = rows_of(layout, 100);
    for (std::uint64_t row = 0; row < block.num_rows; ++row) {
        for (const auto& item : layout->elements) {
            std::byte* at = block.row(row) + item.offset;
            const std::uint64_t width = item.is_text() ? item.dims.back() : 1;
            for (std::uint64_t i = 0; i < item.bytes(); ++i) {
                if (item.type == ScalarType::Bool) {
                    at[i] = static_cast<std::byte>(random() % 2);
                } else if (!item.is_text() || i % width == 0 || at[i - 1] != std::byte{0}) {
                    at[i] = static_cast<std::byte>(random());
                }
            }
        }
    }
    return block;
}

Database create(const test::StoragePlace& place, const DefinitionPtr& layout) {
    auto db = Database::open(place.url, {.create = true});
    (void)db.register_structs({layout.get(), 1});
    NameSpec spec;
    spec.name = kName;
    spec.struct_name = kName;
    spec.storage = place.storage;
    (void)db.define_name(spec);
    return db;
}

PutRecord record_of(const schema::RowBlock& block, std::int64_t begin) {
    PutRecord record;
    record.name = kName;
    record.begin = begin;
    record.layout = block.layout;
    record.rows = {std::shared_ptr<const void>(), block.data.data()};
    record.num_rows = block.num_rows;
    return record;
}

std::string hash_of(const schema::RowBlock& block) {
    return to_hex(schema::content_hash(conversion::to_canonical(*block.layout, block.data.bytes(), block.num_rows)));
}

/// Names the first value that differs; says nothing when none does.
std::string first_difference(const schema::RowBlock& expected, const std::byte* found) {
    for (std::uint64_t row = 0; row < expected.num_rows; ++row) {
        for (const auto& item : expected.layout->elements) {
            const auto width = size_of(item.type);
            for (std::uint64_t i = 0; i < item.count(); ++i) {
                const auto at = item.offset + i * width;
                const std::span<const std::byte> want{expected.row(row) + at, width};
                const std::span<const std::byte> have{found + row * expected.layout->size + at, width};
                if (as_text(want) != as_text(have)) {
                    return item.path + " value " + std::to_string(i) + " of row " + std::to_string(row) + ": " +
                           to_hex(want) + " became " + to_hex(have);
                }
            }
        }
    }
    const bool same = as_text(expected.data.bytes()) == as_text({found, expected.data.size()});
    return same ? "" : "padding";
}

/// Written as CSV and JSON and read again, the answer is the rows.
void check_text(const schema::RowBlock& block, const Answer& answer) {
    std::string csv = text::csv_header(*answer->layout) + '\n';
    std::string json = "[";
    for (std::size_t i = 0; i < answer->num_rows; ++i) {
        text::append_csv_row(csv, *answer->layout, answer.row(i));
        csv += '\n';
        if (i != 0) json += ',';
        text::append_json_row(json, *answer->layout, answer.row(i));
    }
    std::istringstream csv_in(csv);
    std::istringstream json_in(json + ']');
    const auto from_csv = text::make_csv_reader(csv_in, "csv")->read(block.layout);
    const auto from_json = text::make_json_reader(json_in, "json")->read(block.layout);
    REQUIRE(from_csv.num_rows == block.num_rows);
    REQUIRE(from_json.num_rows == block.num_rows);
    CHECK(first_difference(block, from_csv.data.data()) == "");
    CHECK(first_difference(block, from_json.data.data()) == "");
}

}  // namespace

TEST_CASE("the rarest values of every type come back bit for bit, also through CSV and JSON") {
    const auto layout = extremes_layout();
    const auto block = rare_rows(layout);
    const test::TempDirectory directory;
    for (const auto& place : test::fresh_places(directory)) {
        CAPTURE(place.text());
        auto db = create(place, layout);
        const auto record = record_of(block, kMinusInfinity);
        (void)db.commit({&record, 1});
        db.advance();
        const Answer answer = db.fetch_rows(kName, Time{0});
        REQUIRE(answer->num_rows == block.num_rows);
        CHECK(first_difference(block, answer->data.get()) == "");
        CHECK(answer->elements.at(0).provenance->content_hash == hash_of(block));
        check_text(block, answer);
    }
}

TEST_CASE("NaNs keep every bit, quiet and signalling") {
    const auto layout = extremes_layout();
    auto block = rows_of(layout, 8);
    fill(block, ScalarType::Float32, payload_nans<float, std::uint32_t>(0x7FC00000U, 0x7F800000U));
    fill(block, ScalarType::Float64, payload_nans<double, std::uint64_t>(0x7FF8000000000000ULL, 0x7FF0000000000000ULL));
    const test::TempDirectory directory;
    for (const auto& place : test::fresh_places(directory)) {
        CAPTURE(place.text());
        auto db = create(place, layout);
        const auto record = record_of(block, 0);
        (void)db.commit({&record, 1});
        db.advance();
        const Answer answer = db.fetch_rows(kName, Time{0});
        REQUIRE(answer->num_rows == block.num_rows);
        CHECK(first_difference(block, answer->data.get()) == "");
    }
}

TEST_CASE("rows of random bits come back bit for bit with the same hash from every place") {
    const auto layout = extremes_layout();
    const auto seed = test::choose_seed();
    MESSAGE("ETALON_TEST_SEED=", seed);
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::vector<schema::RowBlock> blocks;
    std::vector<PutRecord> records;
    for (std::int64_t i = 0; i < 20; ++i) {
        blocks.push_back(random_rows(layout, random));
        records.push_back(record_of(blocks.back(), i));
    }
    const test::TempDirectory directory;
    for (const auto& place : test::fresh_places(directory)) {
        CAPTURE(place.text());
        auto db = create(place, layout);
        (void)db.commit(records);
        db.advance();
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            const Answer answer = db.fetch_rows(kName, Time{static_cast<std::int64_t>(i)});
            REQUIRE(answer->num_rows == blocks[i].num_rows);
            CHECK(first_difference(blocks[i], answer->data.get()) == "");
            CHECK(answer->elements.at(0).provenance->content_hash == hash_of(blocks[i]));
        }
    }
}

TEST_CASE("arrays of 230,400 items come back bit for bit, also through CSV and JSON") {
    const auto layout = std::make_shared<const StructDefinition>(
        test::natural({element("flag", ScalarType::Bool), element("gain", ScalarType::Float32, {24, 40, 240}),
                       element("mask", ScalarType::UInt64, {230400})},
                      std::string(kName)));
    auto block = rows_of(layout, 2);
    fill<std::uint8_t>(block, ScalarType::Bool, {1, 0});
    fill(block, ScalarType::Float32, floats<float>());
    fill(block, ScalarType::UInt64, integers<std::uint64_t>());
    const test::TempDirectory directory;
    for (const auto& place : test::fresh_places(directory)) {
        CAPTURE(place.text());
        auto db = create(place, layout);
        const auto record = record_of(block, 0);
        (void)db.commit({&record, 1});
        db.advance();
        const Answer answer = db.fetch_rows(kName, Time{0});
        REQUIRE(answer->num_rows == block.num_rows);
        CHECK(first_difference(block, answer->data.get()) == "");
        CHECK(answer->elements.at(0).provenance->content_hash == hash_of(block));
        check_text(block, answer);
    }
}

TEST_CASE("records begin at minus infinity, before 1970, beyond 2106 and next to the ends of time") {
    const auto layout = extremes_layout();
    const std::vector<std::int64_t> begins{kMinusInfinity,
                                           kMinusInfinity + 1,
                                           parse_time("1677-09-22").ns,
                                           parse_time("1901-12-13T20:45:51.999999999Z").ns,
                                           -1,
                                           0,
                                           1,
                                           parse_time("2038-01-19T03:14:08Z").ns,
                                           parse_time("2106-02-07T06:28:15.999999999Z").ns,
                                           parse_time("2106-02-07T06:28:16Z").ns,
                                           parse_time("2262-04-11T23:47:16.854775806Z").ns};
    std::vector<schema::RowBlock> blocks;
    std::vector<PutRecord> records;
    for (std::size_t i = 0; i < begins.size(); ++i) {
        blocks.push_back(rows_of(layout, 1));
        fill<std::int64_t>(blocks.back(), ScalarType::Int64, {begins[i]});
        records.push_back(record_of(blocks.back(), begins[i]));
        CHECK(parse_time(format_time(Time{begins[i]})).ns == begins[i]);
    }
    const test::TempDirectory directory;
    for (const auto& place : test::fresh_places(directory)) {
        CAPTURE(place.text());
        auto db = create(place, layout);
        (void)db.commit(records);
        db.advance();
        for (std::size_t i = 0; i < begins.size(); ++i) {
            const bool is_last = i + 1 == begins.size();
            const auto end = is_last ? std::optional<std::int64_t>() : begins[i + 1];
            for (const auto at : {begins[i], is_last ? kPlusInfinity : begins[i + 1] - 1}) {
                CAPTURE(at);
                const Answer answer = db.fetch_rows(kName, Time{at});
                CHECK(answer->validity == Interval{Axis::Time, begins[i], end});
                REQUIRE(answer->num_rows == 1);
                CHECK(first_difference(blocks[i], answer->data.get()) == "");
            }
        }
    }
}
