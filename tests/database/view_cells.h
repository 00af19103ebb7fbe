#pragma once
/// Cells of readable views as SQL gives them, and the values that they have to show.

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "backends/port.h"
#include "conversion/conversion_model.h"
#include "etalon/definition.h"

namespace etalon::test {

/// bytea as encode(..., 'escape') writes it.
inline std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == 0 || byte >= 128) {
            out += fmt::format("\\{:03o}", byte);
        } else {
            out += c == '\\' ? "\\\\" : std::string(1, c);
        }
    }
    return out;
}

/// A cell of the view.
struct Seen {
    enum class Kind : std::uint8_t { Null, Integer, Real, Text, Blob } kind = Kind::Null;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
};

inline std::string describe(const Seen& seen) {
    switch (seen.kind) {
        case Seen::Kind::Null:
            return "NULL";
        case Seen::Kind::Integer:
            return std::to_string(seen.integer);
        case Seen::Kind::Real:
            return fmt::format("{:.17g}", seen.real);
        default:
            return "'" + seen.text + "'";
    }
}

inline Seen seen_on_sqlite(const backends::Cursor& cursor, int column) {
    Seen seen;
    const std::string type(cursor.text(column));
    if (type == "null") return seen;
    if (type == "integer") {
        seen.kind = Seen::Kind::Integer;
        seen.integer = cursor.integer(column + 1);
    } else if (type == "real") {
        seen.kind = Seen::Kind::Real;
        seen.real = cursor.real(column + 1);
    } else {
        seen.kind = type == "blob" ? Seen::Kind::Blob : Seen::Kind::Text;
        const auto bytes = cursor.bytes(column + 1);
        seen.text.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    return seen;
}

/// `close`: to the digits of a float32.
inline bool same_number(long double a, long double b, bool close = false) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    return a == b || (close && std::abs(a - b) <= 1e-6L * std::abs(b));
}

/// True when the cell shows that value.
inline bool shows(backends::Engine engine, const Seen& seen, const Element& asked, const std::byte* value, bool close) {
    if (seen.kind == Seen::Kind::Null) return false;
    if (asked.is_text()) {
        const auto* begin = reinterpret_cast<const char*>(value);
        const std::string text(begin, strnlen(begin, item_size(asked)));
        return seen.text == (engine == backends::Engine::Postgres ? escaped(text) : text);
    }
    const auto expected = read_number(asked.type, value);
    long double number = 0;
    if (seen.kind == Seen::Kind::Integer) {
        number = static_cast<long double>(seen.integer);
        if (asked.type == ScalarType::Float32) number = static_cast<float>(seen.integer);
    } else if (seen.kind == Seen::Kind::Real) {
        number = seen.real;
        // SQLite has neither float32 nor, inside JSON, integers above 2^63-1.
        if (asked.type == ScalarType::Float32) number = static_cast<float>(seen.real);
        if (asked.type == ScalarType::UInt64) return seen.real == static_cast<double>(expected);
    } else if (asked.type == ScalarType::Bool) {
        return seen.text == (expected != 0 ? "true" : "false");
    } else if (asked.type == ScalarType::Float32) {
        number = std::strtof(seen.text.c_str(), nullptr);
    } else {
        number =
            is_float(asked.type) ? std::strtod(seen.text.c_str(), nullptr) : std::strtold(seen.text.c_str(), nullptr);
    }
    return same_number(number, expected, close);
}

}  // namespace etalon::test
