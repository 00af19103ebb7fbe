#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <random>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "star/places.h"
#include "star/real_tables.h"
#include "star/typed_read.h"
#include "text/text.h"

namespace {

using namespace etalon;
using test::RealData;
using test::RealTable;
using test::TableVersion;

/// The rows without a copy; the data outlive the record.
PutRecord record_of(const RealTable& table, const TableVersion& version) {
    PutRecord record;
    record.name = table.name;
    record.begin = version.begin;
    if (version.rows.num_rows == 0) return record;
    record.layout = table.layout;
    record.rows = {std::shared_ptr<const void>(), version.rows.data.data()};
    record.num_rows = version.rows.num_rows;
    return record;
}

/// Everything in one commit of a new database.
void store(Database& db, const RealData& data, Storage storage) {
    std::vector<StructDefinition> definitions;
    for (const auto& [name, definition] : data.definitions) definitions.push_back(*definition);
    (void)db.register_structs(definitions);
    std::vector<NameSpec> names;
    std::vector<PutRecord> records;
    std::set<std::pair<std::string, std::string>> contents;
    for (const auto& table : data.tables) {
        NameSpec spec;
        spec.name = table.name;
        spec.struct_name = table.layout->name;
        spec.storage = storage;
        names.push_back(spec);
        for (const auto& version : table.versions) {
            records.push_back(record_of(table, version));
            if (version.rows.num_rows != 0) contents.emplace(table.layout->name, version.content_hash);
        }
    }
    const auto result = db.commit(records, {"tester", "", "", "the real tables"}, names);
    CHECK(result.records == data.num_versions);
    CHECK(result.new_payloads == contents.size());
    db.advance();
    for (const auto& table : data.tables) {
        CAPTURE(table.name);
        const auto info = db.find_name(table.name);
        REQUIRE(info);
        CHECK(info->storage == storage);
        CHECK(info->records == static_cast<std::int64_t>(table.versions.size()));
    }
}

std::string_view text_of_rows(const Answer& answer) {
    if (answer->num_rows == 0) return {};
    return as_text({answer->data.get(), answer->num_rows * answer->layout->size});
}

std::string csv_of(const Answer& answer, const StructDefinition& layout) {
    std::string out = text::csv_header(layout) + '\n';
    for (std::size_t i = 0; i < answer->num_rows; ++i) {
        text::append_csv_row(out, *answer->layout, answer.row(i));
        out += '\n';
    }
    return out;
}

std::string json_of(const Answer& answer) {
    std::string out = "[";
    for (std::size_t i = 0; i < answer->num_rows; ++i) {
        if (i != 0) out += ",\n";
        text::append_json_row(out, *answer->layout, answer.row(i));
    }
    return out + "]\n";
}

/// Status, interval, record and rows are those of the model at that point. Nothing large is printed.
void check_answer(const Answer& answer, const RealTable& table, std::int64_t at) {
    CHECK(answer->validity == table.validity(at));
    const TableVersion* version = table.find(at);
    if (version == nullptr) {
        CHECK(answer->status == Status::Gap);
        CHECK(answer->num_rows == 0);
        return;
    }
    CAPTURE(version->path);
    CHECK(answer->status == (version->rows.num_rows == 0 ? Status::Hole : Status::Found));
    REQUIRE(answer->num_rows == version->rows.num_rows);
    REQUIRE(answer->elements.size() == 1);
    REQUIRE(answer->elements[0].provenance);
    const auto& provenance = *answer->elements[0].provenance;
    CHECK(provenance.record.begin == version->begin);
    CHECK_FALSE(provenance.record.end);
    if (answer->num_rows == 0) return;
    CHECK(provenance.content_hash == version->content_hash);
    REQUIRE(answer->layout->size == table.layout->size);
    const bool same_rows = text_of_rows(answer) == as_text(version->rows.data.bytes());
    CHECK(same_rows);
}

/// One version at its begin, untyped and typed, as rows, CSV and JSON.
void check_version(Database& db, const RealTable& table, const TableVersion& version,
                   const test::CompiledStruct& compiled) {
    CAPTURE(table.name);
    CAPTURE(version.path);
    const Time begin{version.begin};
    const Answer answer = db.fetch_rows(table.name, begin);
    check_answer(answer, table, version.begin);

    const bool same_csv = csv_of(answer, *table.layout) == version.csv;
    CHECK(same_csv);

    std::istringstream json(json_of(answer));
    const auto from_json = text::make_json_reader(json, version.path + ".json")->read(table.layout);
    CHECK(from_json.num_rows == version.rows.num_rows);
    const bool same_json = as_text(from_json.data.bytes()) == as_text(version.rows.data.bytes());
    CHECK(same_json);

    const auto typed = compiled.fetch(db, table.name, begin);
    check_answer(typed.answer, table, version.begin);
    CHECK(typed.answer->absent.empty());
    CHECK(typed.answer->truncated.empty());
    const bool same_typed = as_text(typed.rows) == as_text(version.rows.data.bytes());
    CHECK(same_typed);
}

/// Anywhere, around a begin, or at the ends of time.
std::int64_t random_time(const RealTable& table, std::mt19937_64& random) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    constexpr std::int64_t kYear = 366 * 86400 * kSecond;
    switch (random() % 8) {
        case 0:
            return static_cast<std::int64_t>(random());
        case 1:
            return random() % 2 == 0 ? kMinusInfinity : kPlusInfinity;
        case 2:
        case 3: {
            const auto begin = table.versions[random() % table.versions.size()].begin;
            return begin + static_cast<std::int64_t>(random() % 3) - 1;
        }
        default: {
            const auto first = table.versions.front().begin - kYear;
            const auto last = table.versions.back().begin + kYear;
            return std::uniform_int_distribution<std::int64_t>(first, last)(random);
        }
    }
}

}  // namespace

TEST_CASE("the structs of the real tables are compiled as they are read from their headers") {
    const RealData data = test::read_real_data();
    const auto structs = test::compiled_structs(data.definitions);
    CHECK(structs.size() == data.definitions.size());
    for (const auto& [name, compiled] : structs) {
        CAPTURE(name);
        CHECK(compiled.size == data.definitions.at(name)->size);
        CHECK(compiled.alignment == data.definitions.at(name)->alignment);
    }
}

TEST_CASE("every version of the real tables goes in and comes out bit for bit") {
    const RealData data = test::read_real_data();
    const auto structs = test::compiled_structs(data.definitions);
    REQUIRE(data.num_versions >= 307);
    const std::uint64_t seed = test::choose_seed();
    MESSAGE("ETALON_TEST_SEED=", seed);
    constexpr int kQueries = 1000;

    const test::TempDirectory directory;
    const auto places = test::fresh_places(directory);
    for (const auto& place : places) {
        CAPTURE(place.text());
        CAPTURE(seed);
        const auto start = std::chrono::steady_clock::now();
        auto db = Database::open(place.url, {.create = true});
        store(db, data, place.storage);
        for (const auto& table : data.tables) {
            for (const auto& version : table.versions) {
                check_version(db, table, version, structs.at(table.layout->name));
            }
        }
        std::mt19937_64 random(seed);
        for (int i = 0; i < kQueries; ++i) {
            const auto& table = data.tables[random() % data.tables.size()];
            const std::int64_t at = random_time(table, random);
            CAPTURE(table.name);
            CAPTURE(at);
            check_answer(db.fetch_rows(table.name, Time{at}), table, at);
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        MESSAGE(fmt::format("{}: {} versions of {} tables, {} rows, {} random times, {:.1f} s", place.text(),
                            data.num_versions, data.tables.size(), data.num_rows, kQueries, took.count()));
    }
    MESSAGE(
        fmt::format("{} versions x {} storages and engines from {}", data.num_versions, places.size(), data.origin));
}
