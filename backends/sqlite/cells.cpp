#include "backends/sqlite/cells.h"

#include <sqlite3.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "backends/sqlite/array_text.h"
#include "base/identity.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

int bind_text(sqlite3_stmt* statement, int index, std::string_view text, sqlite3_destructor_type keep) {
    return sqlite3_bind_text64(statement, index, text.data() == nullptr ? "" : text.data(), text.size(), keep,
                               SQLITE_UTF8);
}

int bind_blob(sqlite3_stmt* statement, int index, const void* data, std::size_t size, sqlite3_destructor_type keep) {
    // A null pointer would bind NULL; an empty blob is not NULL.
    return sqlite3_bind_blob64(statement, index, data == nullptr ? "" : data, size, keep);
}

template <class T>
int bind_float(sqlite3_stmt* statement, int index, const std::byte* value) {
    const T number = load_number<T>(value);
    // SQLite makes NULL of every NaN: keep its bits as a blob.
    if (std::isnan(number)) return bind_blob(statement, index, value, sizeof number, SQLITE_TRANSIENT);
    return sqlite3_bind_double(statement, index, static_cast<double>(number));
}

int bind_uint64(sqlite3_stmt* statement, int index, std::uint64_t number) {
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return sqlite3_bind_int64(statement, index, static_cast<std::int64_t>(number));
    }
    std::string digits;
    append_integer(digits, number);  // 2^63 has 19 digits, 2^64-1 has 20: pad so that text order is number order
    digits.insert(0, 20 - digits.size(), '0');
    return bind_text(statement, index, digits, SQLITE_TRANSIENT);
}

int bind_scalar(sqlite3_stmt* statement, int index, ScalarType type, const std::byte* value) {
    const auto integer = [&](auto zero) {
        return sqlite3_bind_int64(statement, index, static_cast<std::int64_t>(load_number<decltype(zero)>(value)));
    };
    switch (type) {
        case ScalarType::Bool:
            if (std::to_integer<unsigned>(*value) > 1) {
                throw Error(ErrorCode::BadInput, {"a bool is neither 0 nor 1", "", "",
                                                  std::to_string(std::to_integer<unsigned>(*value)), ""});
            }
            return integer(std::uint8_t{});
        case ScalarType::Int8:
            return integer(std::int8_t{});
        case ScalarType::UInt8:
            return integer(std::uint8_t{});
        case ScalarType::Int16:
            return integer(std::int16_t{});
        case ScalarType::UInt16:
            return integer(std::uint16_t{});
        case ScalarType::Int32:
            return integer(std::int32_t{});
        case ScalarType::UInt32:
            return integer(std::uint32_t{});
        case ScalarType::Int64:
            return integer(std::int64_t{});
        case ScalarType::UInt64:
            return bind_uint64(statement, index, load_number<std::uint64_t>(value));
        case ScalarType::Float32:
            return bind_float<float>(statement, index, value);
        case ScalarType::Float64:
            return bind_float<double>(statement, index, value);
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            if (is_null_identity(type, value)) return sqlite3_bind_null(statement, index);
            return bind_blob(statement, index, value, size_of(type), SQLITE_TRANSIENT);
        case ScalarType::Char:
            break;
    }
    throw Error(ErrorCode::Internal, {"a text cell without a capacity", "", "", "", ""});
}

/// An array that JSON cannot hold: its bytes, with nothing behind the end of a text.
void make_array_blob(std::string& buffer, const CellType& cell, const std::byte* value) {
    buffer.assign(reinterpret_cast<const char*>(value), cell.bytes());
    if (!cell.is_text()) return;
    const auto capacity = static_cast<std::size_t>(cell.dims.back());
    for (std::size_t at = 0; at < buffer.size(); at += capacity) {
        const auto used = text_of(value + at, capacity).size();
        std::memset(buffer.data() + at + used, 0, capacity - used);
    }
}

/// What a column holds that a cell cannot be read from.
[[noreturn]] void refuse(sqlite3_stmt* statement, int column, const CellType& cell, std::string_view place,
                         std::string found) {
    std::string expected(name_of(cell.type));
    for (const auto dim : cell.dims) expected += '[' + std::to_string(dim) + ']';
    const char* name = sqlite3_column_name(statement, column);
    throw Error(ErrorCode::Corrupt, {"a stored cell does not hold a value of its element's type",
                                     std::string(place) + ", column " + (name == nullptr ? "?" : name),
                                     std::move(expected), std::move(found), ""});
}

std::string_view column_bytes(sqlite3_stmt* statement, int column) {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return size == 0 ? std::string_view{} : std::string_view{data, size};
}

/// The cell as an error message shows it.
std::string shown(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return "NULL";
        case SQLITE_INTEGER:
            return "integer " + std::to_string(sqlite3_column_int64(statement, column));
        case SQLITE_FLOAT: {
            std::string out = "real ";
            append_float(out, sqlite3_column_double(statement, column));
            return out;
        }
        case SQLITE_TEXT:
            return "text of " + std::to_string(sqlite3_column_bytes(statement, column)) + " bytes";
        default:
            return "blob of " + std::to_string(sqlite3_column_bytes(statement, column)) + " bytes";
    }
}

bool read_integer(std::int64_t value, ScalarType type, std::byte* out) {
    if (type == ScalarType::Char || is_identity(type)) return false;
    return with_number_type(type, [&](auto zero) {
        using T = decltype(zero);
        if constexpr (std::is_floating_point_v<T>) {
            return false;
        } else {
            T number{};
            if (!convert_value(value, number)) return false;
            store_number(out, number);
            return true;
        }
    });
}

bool read_float(double value, ScalarType type, std::byte* out) {
    if (type == ScalarType::Float64) {
        std::memcpy(out, &value, sizeof value);
        return true;
    }
    const auto narrow = static_cast<float>(value);
    if (std::bit_cast<std::uint64_t>(static_cast<double>(narrow)) != std::bit_cast<std::uint64_t>(value)) return false;
    std::memcpy(out, &narrow, sizeof narrow);
    return true;
}

bool read_nan(std::string_view bytes, ScalarType type, std::byte* out) {
    if (bytes.size() != size_of(type)) return false;
    const auto* data = reinterpret_cast<const std::byte*>(bytes.data());
    const bool nan =
        type == ScalarType::Float32 ? std::isnan(load_number<float>(data)) : std::isnan(load_number<double>(data));
    if (nan) std::memcpy(out, data, bytes.size());
    return nan;
}

bool read_identity(sqlite3_stmt* statement, int column, ScalarType type, std::byte* out) {
    const int stored = sqlite3_column_type(statement, column);
    if (stored == SQLITE_NULL) {
        std::memset(out, 0, size_of(type));
        return true;
    }
    const auto bytes = stored == SQLITE_BLOB ? column_bytes(statement, column) : std::string_view{};
    if (bytes.size() != size_of(type)) return false;
    std::memcpy(out, bytes.data(), bytes.size());
    return true;
}

bool read_scalar(sqlite3_stmt* statement, int column, ScalarType type, std::byte* out) {
    if (is_identity(type)) return read_identity(statement, column, type, out);
    const int stored = sqlite3_column_type(statement, column);
    if (is_float(type)) {
        if (stored == SQLITE_FLOAT) return read_float(sqlite3_column_double(statement, column), type, out);
        return stored == SQLITE_BLOB && read_nan(column_bytes(statement, column), type, out);
    }
    if (stored == SQLITE_INTEGER) return read_integer(sqlite3_column_int64(statement, column), type, out);
    if (type != ScalarType::UInt64 || stored != SQLITE_TEXT) return false;
    const auto digits = column_bytes(statement, column);
    const auto value = parse_integer<std::uint64_t>(digits);
    if (!value || digits.size() != 20) return false;
    std::memcpy(out, &*value, sizeof *value);
    return true;
}

bool read_text(std::string_view text, std::uint64_t capacity, std::byte* out) {
    if (text.size() > capacity || text.find('\0') != std::string_view::npos) return false;
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    std::memset(out + text.size(), 0, static_cast<std::size_t>(capacity) - text.size());
    return true;
}

/// A JSON list for json_each.
std::string list_text(const std::vector<std::int64_t>& list) {
    std::string out = "[";
    for (const auto value : list) {
        if (out.size() > 1) out += ',';
        append_integer(out, value);
    }
    return out + ']';
}

std::string list_text(const std::vector<std::string>& list) {
    std::string out = "[";
    for (const auto& value : list) {
        if (!is_utf8(value)) throw Error(ErrorCode::BadInput, {"text in a list is not UTF-8", "", "", value, ""});
        if (out.size() > 1) out += ',';
        append_json_string(out, value);
    }
    return out + ']';
}

}  // namespace

int bind_cell(sqlite3_stmt* statement, int index, const CellType& cell, const std::byte* value, std::string& buffer) {
    if (cell.is_array()) {
        buffer.clear();
        if (append_array(buffer, cell, value)) return bind_text(statement, index, buffer, SQLITE_STATIC);
        make_array_blob(buffer, cell, value);
        return bind_blob(statement, index, buffer.data(), buffer.size(), SQLITE_STATIC);
    }
    if (!cell.is_text() || cell.dims.empty()) return bind_scalar(statement, index, cell.type, value);
    const auto text = text_of(value, static_cast<std::size_t>(cell.dims[0]));
    buffer.assign(text);
    if (is_utf8(text)) return bind_text(statement, index, buffer, SQLITE_STATIC);
    return bind_blob(statement, index, buffer.data(), buffer.size(), SQLITE_STATIC);
}

int bind_value(sqlite3_stmt* statement, int index, const Value& value, bool copied) {
    const auto keep = copied ? SQLITE_TRANSIENT : SQLITE_STATIC;
    switch (value.index()) {
        case 0:
            return sqlite3_bind_null(statement, index);
        case 1:
            return sqlite3_bind_int64(statement, index, *std::get_if<std::int64_t>(&value));
        case 2:
            return bind_float<double>(statement, index,
                                      reinterpret_cast<const std::byte*>(std::get_if<double>(&value)));
        case 3:
            return bind_text(statement, index, *std::get_if<std::string>(&value), keep);
        case 4: {
            const auto& bytes = *std::get_if<Bytes>(&value);
            return bind_blob(statement, index, bytes.data(), bytes.size(), keep);
        }
        case 5:
            return bind_text(statement, index, list_text(*std::get_if<5>(&value)), SQLITE_TRANSIENT);
        case 6:
            return bind_text(statement, index, list_text(*std::get_if<6>(&value)), SQLITE_TRANSIENT);
        default:
            break;
    }
    throw Error(ErrorCode::Usage, {"SQLite has no lists of bytes", "", "", "", ""});
}

bool read_number(sqlite3_value* value, ScalarType type, std::byte* out) noexcept {
    switch (sqlite3_value_type(value)) {
        case SQLITE_FLOAT:
            return is_float(type) && read_float(sqlite3_value_double(value), type, out);
        case SQLITE_INTEGER:
            return read_integer(sqlite3_value_int64(value), type, out);
        default:
            return false;
    }
}

void read_cell(sqlite3_stmt* statement, int column, const CellType& cell, std::byte* out, std::string_view place) {
    const int stored = sqlite3_column_type(statement, column);
    if (cell.is_array()) {
        if (stored == SQLITE_TEXT) {
            const auto problem = parse_array(column_bytes(statement, column), cell, out);
            if (problem) refuse(statement, column, cell, place, "JSON text: " + *problem);
            return;
        }
        const auto bytes = column_bytes(statement, column);
        if (stored != SQLITE_BLOB || bytes.size() != cell.bytes()) {
            refuse(statement, column, cell, place, shown(statement, column));
        }
        if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
        return;
    }
    const bool good = cell.is_text() ? !cell.dims.empty() && (stored == SQLITE_TEXT || stored == SQLITE_BLOB) &&
                                           read_text(column_bytes(statement, column), cell.dims[0], out)
                                     : read_scalar(statement, column, cell.type, out);
    if (!good) refuse(statement, column, cell, place, shown(statement, column));
}

}  // namespace etalon::backends::sqlite
