#pragma once
/// Structs as a compiler and `etalon_add_structs` would give them, and short ways to fill them in.

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backends/each_engine.h"
#include "etalon/database.h"
#include "etalon/error.h"
#include "schema/definition.h"

namespace etalon::test {

/// Schema 1 of `Gain`.
struct Gain1 {
    std::int32_t channel;
    float gain[3];
    char label[8];
};
/// Schema 2: wider numbers, a shorter array, a shorter text, a new element with a default.
struct Gain2 {
    double offset;
    std::int64_t channel;
    float gain[2];
    char label[12];
};
/// Like Gain1 without the array: reading Gain1 or Gain2 rows ignores it.
struct GainChannel {
    std::int32_t channel;
};
struct Plain {
    double value;
};

}  // namespace etalon::test

template <>
struct etalon::StructTraits<etalon::test::Gain1> {
    static constexpr std::string_view kName = "Gain";
    static constexpr std::string_view kDefinition =
        R"({"name":"Gain","size":24,"alignment":4,"elements":[{"name":"channel","type":"int32","offset":0},{"name":"gain","type":"float32","dims":[3],"offset":4},{"name":"label","type":"char","dims":[8],"offset":16}]})";
};
template <>
struct etalon::StructTraits<etalon::test::Gain2> {
    static constexpr std::string_view kName = "Gain";
    static constexpr std::string_view kDefinition =
        R"({"name":"Gain","size":40,"alignment":8,"elements":[{"name":"offset","type":"float64","offset":0,"default":"1.5"},{"name":"channel","type":"int64","offset":8},{"name":"gain","type":"float32","dims":[2],"offset":16},{"name":"label","type":"char","dims":[12],"offset":24}]})";
};
template <>
struct etalon::StructTraits<etalon::test::GainChannel> {
    static constexpr std::string_view kName = "Gain";
    static constexpr std::string_view kDefinition =
        R"({"name":"Gain","size":4,"alignment":4,"elements":[{"name":"channel","type":"int32","offset":0}]})";
};
template <>
struct etalon::StructTraits<etalon::test::Plain> {
    static constexpr std::string_view kName = "Plain";
    static constexpr std::string_view kDefinition =
        R"({"name":"Plain","size":8,"alignment":8,"elements":[{"name":"value","type":"float64","offset":0}]})";
};

namespace etalon::test {

static_assert(sizeof(Gain1) == 24 && offsetof(Gain1, gain) == 4 && offsetof(Gain1, label) == 16);
static_assert(sizeof(Gain2) == 40 && offsetof(Gain2, channel) == 8 && offsetof(Gain2, gain) == 16 &&
              offsetof(Gain2, label) == 24);

template <class T>
StructDefinition definition_of() {
    return schema::from_json(StructTraits<T>::kDefinition, "a test");
}

template <class T>
RegisterReport register_as(Database& db, const RegisterOptions& options = {}) {
    const StructDefinition definition = definition_of<T>();
    return db.register_structs({&definition, 1}, options);
}

inline Gain1 gain1(std::int32_t channel, float gain = 1.0F, std::string_view label = "tpc") {
    Gain1 row{};
    row.channel = channel;
    for (auto& one : row.gain) one = gain;
    std::memcpy(row.label, label.data(), std::min(label.size(), sizeof row.label));
    return row;
}

/// A record with rows; no rows make a hole.
template <class T>
PutRecord put(std::string name, std::int64_t begin, const std::vector<T>& rows) {
    PutRecord record;
    record.name = std::move(name);
    record.begin = begin;
    record.num_rows = rows.size();
    if (rows.empty()) return record;
    record.layout = std::make_shared<const StructDefinition>(definition_of<T>());
    const auto copy = std::make_shared<std::vector<T>>(rows);
    record.rows = std::shared_ptr<const std::byte>(copy, reinterpret_cast<const std::byte*>(copy->data()));
    return record;
}

inline PutRecord value(double number, std::int64_t begin, std::optional<std::int64_t> end = std::nullopt,
                       std::string version = "default", std::int64_t element = 0, std::string name = "Plain") {
    auto record = put<Plain>(std::move(name), begin, {Plain{number}});
    record.end = end;
    record.version = std::move(version);
    record.element = element;
    return record;
}
inline PutRecord hole(std::int64_t begin, std::optional<std::int64_t> end = std::nullopt, std::string name = "Plain",
                      std::int64_t element = 0) {
    auto record = put<Plain>(std::move(name), begin, {});
    record.end = end;
    record.element = element;
    return record;
}

inline CommitResult commit(Database& db, const std::vector<PutRecord>& records) {
    return db.commit(records, CommitInfo{"tester", "", "", "a test"});
}

/// Makes a database that knows T.
template <class... T>
Database create_with(const std::string& url) {
    auto db = Database::open(url, {.create = true});
    (register_as<T>(db), ...);
    db.advance();
    return db;
}

/// Runs a raw script on the place of a database.
inline void raw_script(const std::string& url, std::string_view sql) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    script(*connection, sql);
}

}  // namespace etalon::test
