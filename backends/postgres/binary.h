#pragma once
/// PostgreSQL's binary formats of values and element cells, bit for bit (the send and receive functions of the server:
/// big-endian numbers, arrays with a header, numeric in base 10000).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "backends/port.h"

namespace etalon::backends::postgres {

/// Type numbers of pg_type, fixed by PostgreSQL for ever.
enum TypeNumber : std::uint32_t {
    kBool = 16,
    kBytea = 17,
    kChar = 18,
    kName = 19,
    kInt8 = 20,
    kInt2 = 21,
    kInt4 = 23,
    kText = 25,
    kOid = 26,
    kFloat4 = 700,
    kFloat8 = 701,
    kUnknown = 705,
    kBpchar = 1042,
    kVarchar = 1043,
    kNumeric = 1700,
    kBoolArray = 1000,
    kByteaArray = 1001,
    kInt2Array = 1005,
    kInt4Array = 1007,
    kTextArray = 1009,
    kInt8Array = 1016,
    kFloat4Array = 1021,
    kFloat8Array = 1022,
    kNumericArray = 1231,
    kUuid = 2950,
    kUuidArray = 2951,
    kRecord = 2249,
};

template <class T>
void append_big_endian(std::string& out, T value) {
    for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
        out += static_cast<char>((value >> shift) & 0xff);
    }
}

/// The type that a bound value has by itself; 0 (the server decides) for a NULL.
[[nodiscard]] std::uint32_t natural_type(const Value& value) noexcept;

/// Appends the value (not NULL) in the binary format of its natural type, without a length.
void append_value(std::string& out, const Value& value);

/// Appends a cell in the binary format of its column_type(), without a length. A null identity that is no item of an
/// array has none: it is NULL.
/// Throws Error(BadInput) for a bool that is neither 0 nor 1.
void append_cell(std::string& out, const CellType& cell, const std::byte* value);

/// An integer or boolean of any width, or a numeric without fraction that fits; nothing otherwise.
[[nodiscard]] std::optional<std::int64_t> find_integer(std::uint32_t type, std::string_view bytes) noexcept;
/// A float or any number; nothing for other types.
[[nodiscard]] std::optional<double> find_real(std::uint32_t type, std::string_view bytes);

/// Reads a cell; false when the bytes do not hold such values.
[[nodiscard]] bool read_cell(std::uint32_t type, std::string_view bytes, const CellType& cell, std::byte* out);

/// Walks over the fields of a row value.
class RecordReader {
public:
    struct Field {
        std::uint32_t type = 0;
        bool is_null = false;
        std::string_view bytes;
    };

    explicit RecordReader(std::string_view bytes) noexcept;
    /// The next field; nothing when there is none, or the bytes are cut short.
    [[nodiscard]] std::optional<Field> next() noexcept;

private:
    std::string_view rest_;
    std::uint32_t left_ = 0;
};

}  // namespace etalon::backends::postgres
