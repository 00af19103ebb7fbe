#pragma once
/// A struct with values that documents must not lose, and databases in memory that have it.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/federation.h"
#include "schema/definition.h"

namespace etalon::test {

struct Mixed {
    std::uint64_t n;
    std::int64_t m;
    double x[2];
    float f;
    char s[12];
    bool on;
};
static_assert(sizeof(Mixed) == 56 && offsetof(Mixed, f) == 32 && offsetof(Mixed, s) == 36 && offsetof(Mixed, on) == 48);

inline DefinitionPtr mixed_layout() {
    return std::make_shared<const StructDefinition>(schema::from_json(
        R"({"name":"Mixed","size":56,"alignment":8,"elements":[{"name":"n","type":"uint64","offset":0},{"name":"m","type":"int64","offset":8},{"name":"x","type":"float64","dims":[2],"offset":16},{"name":"f","type":"float32","offset":32},{"name":"s","type":"char","dims":[12],"offset":36},{"name":"on","type":"bool","offset":48}]})",
        "a test"));
}

/// A row; what lies between and behind its elements is zero.
inline Mixed mixed(std::uint64_t n, std::int64_t m, double x0, double x1, float f, std::string_view s,
                   bool on = false) {
    Mixed row;
    std::memset(static_cast<void*>(&row), 0, sizeof row);
    row.n = n;
    row.m = m;
    row.x[0] = x0;
    row.x[1] = x1;
    row.f = f;
    std::memcpy(row.s, s.data(), std::min(s.size(), sizeof row.s));
    row.on = on;
    return row;
}

/// A record with rows; no rows make a hole.
inline PutRecord put_mixed(std::int64_t begin, const std::vector<Mixed>& rows, std::int64_t element = 0,
                           std::string name = "Mixed") {
    PutRecord record;
    record.name = std::move(name);
    record.begin = begin;
    record.element = element;
    record.num_rows = rows.size();
    if (rows.empty()) return record;
    record.layout = mixed_layout();
    const auto copy = std::make_shared<std::vector<Mixed>>(rows);
    record.rows = std::shared_ptr<const std::byte>(copy, reinterpret_cast<const std::byte*>(copy->data()));
    return record;
}

inline CommitResult commit(Database& db, const std::vector<PutRecord>& records,
                           const std::vector<NameSpec>& names = {}) {
    return db.commit(records, CommitInfo{"tester", "", "", "a test"}, names);
}

/// A database in memory that knows Mixed.
inline Database make_mixed() {
    auto db = Database::open("memory:", {.create = true});
    const auto layout = mixed_layout();
    db.register_structs({layout.get(), 1});
    return db;
}

/// The double that a JSON value means: a number, or one of the words for what JSON has no number for.
inline double number_of(const nlohmann::json& json) {
    if (json.is_number()) return json.get<double>();
    if (json == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (json == "Infinity") return std::numeric_limits<double>::infinity();
    if (json == "-Infinity") return -std::numeric_limits<double>::infinity();
    throw std::runtime_error("no number: " + json.dump());
}

/// The bytes of a text that a JSON value means: a string, or `{"hex": "..."}`.
inline std::string text_of(const nlohmann::json& json) {
    if (json.is_string()) return json.get<std::string>();
    const auto digits = json.at("hex").get<std::string>();
    std::string text;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        text += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
    }
    return text;
}

/// The row that a JSON object means.
inline Mixed row_of(const nlohmann::json& json) {
    return mixed(json.at("n").get<std::uint64_t>(), json.at("m").get<std::int64_t>(), number_of(json.at("x").at(0)),
                 number_of(json.at("x").at(1)), static_cast<float>(number_of(json.at("f"))), text_of(json.at("s")),
                 json.at("on").get<bool>());
}

/// Equal bit by bit: a NaN equals itself, 0.0 differs from -0.0.
inline bool same_row(const Mixed& a, const std::byte* b) {
    return std::memcmp(&a, b, sizeof a) == 0;
}

/// Rows at the limits of their types: NaN, infinities, -0.0, denormal numbers, integers that no double holds, texts
/// with everything that a document has to escape.
inline std::vector<Mixed> hard_rows() {
    using D = std::numeric_limits<double>;
    using F = std::numeric_limits<float>;
    constexpr auto kMostUnsigned = std::numeric_limits<std::uint64_t>::max();
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    return {
        mixed(kMostUnsigned, kLeast, D::quiet_NaN(), D::infinity(), -F::infinity(), "say \"hi\"\\", true),
        mixed((std::uint64_t{1} << 53) + 1, -(std::int64_t{1} << 53) - 1, -0.0, D::denorm_min(), F::denorm_min(),
              "a\nb\tc\x01\x7f"),
        mixed(0, std::numeric_limits<std::int64_t>::max(), -D::infinity(), 0.1, 0.1F, "\xC2\xB5m \xE2\x82\xAC"),
        mixed(1, 0, D::max(), D::lowest(), F::max(), "\xff\xfe no UTF"),
        mixed(2, -1, D::min(), 1e300, F::quiet_NaN(), ""),
        mixed(3, 1, 1.0, 2.5, 3.0F, "</a>,;'&{}[]"),
    };
}

}  // namespace etalon::test
