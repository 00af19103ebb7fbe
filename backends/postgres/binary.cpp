#include "backends/postgres/binary.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "base/identity.h"
#include "base/number_text.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
namespace {

constexpr std::size_t kMaxDims = 6;  // PostgreSQL's MAXDIM
constexpr auto kNullLength = static_cast<std::uint32_t>(-1);

template <std::size_t kSize>
struct UnsignedOf;
template <>
struct UnsignedOf<1> {
    using type = std::uint8_t;
};
template <>
struct UnsignedOf<2> {
    using type = std::uint16_t;
};
template <>
struct UnsignedOf<4> {
    using type = std::uint32_t;
};
template <>
struct UnsignedOf<8> {
    using type = std::uint64_t;
};

std::uint16_t swapped(std::uint16_t v) noexcept {
    return __builtin_bswap16(v);
}
std::uint32_t swapped(std::uint32_t v) noexcept {
    return __builtin_bswap32(v);
}
std::uint64_t swapped(std::uint64_t v) noexcept {
    return __builtin_bswap64(v);
}

template <class T>
T load(const void* at) noexcept {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// Reads a big-endian number; the caller has checked the size.
template <class T>
T load_big_endian(const char* at) noexcept {
    using U = typename UnsignedOf<sizeof(T)>::type;
    return static_cast<T>(swapped(load<U>(at)));
}

/// Writes a number at `at` in big-endian order; returns where the next one goes.
template <class T>
char* store_big_endian(char* at, T value) noexcept {
    using U = typename UnsignedOf<sizeof(T)>::type;
    const U bits = swapped(static_cast<U>(value));
    std::memcpy(at, &bits, sizeof bits);
    return at + sizeof bits;
}

// numeric: uint16 ndigits, int16 weight, uint16 sign, uint16 dscale, then base-10000 digits. weight is the power of
// 10000 of the first digit; trailing zero digits are left out.
void append_numeric(std::string& out, std::uint64_t value) {
    std::array<std::uint16_t, 5> digits{};
    int count = 0;
    for (; value != 0; value /= 10000)
        digits[static_cast<std::size_t>(count++)] = static_cast<std::uint16_t>(value % 10000);
    int last = 0;
    while (last < count && digits[static_cast<std::size_t>(last)] == 0) ++last;
    append_big_endian(out, static_cast<std::uint16_t>(count - last));
    append_big_endian(out, static_cast<std::uint16_t>(count == 0 ? 0 : count - 1));
    append_big_endian(out, std::uint32_t{0});  // positive, no fraction
    for (int i = count - 1; i >= last; --i) append_big_endian(out, digits[static_cast<std::size_t>(i)]);
}

struct Numeric {
    std::size_t digits = 0;
    int weight = 0;
    std::uint16_t sign = 0;  // 0 plus, 0x4000 minus; others are NaN and infinities
    const char* at = nullptr;

    [[nodiscard]] std::uint16_t digit(std::size_t i) const noexcept {
        return load_big_endian<std::uint16_t>(at + 2 * i);
    }
};

std::optional<Numeric> parse_numeric(std::string_view bytes) noexcept {
    if (bytes.size() < 8) return std::nullopt;
    Numeric n;
    n.digits = load_big_endian<std::uint16_t>(bytes.data());
    n.weight = load_big_endian<std::int16_t>(bytes.data() + 2);
    n.sign = load_big_endian<std::uint16_t>(bytes.data() + 4);
    n.at = bytes.data() + 8;
    if (bytes.size() != 8 + 2 * n.digits) return std::nullopt;
    return n;
}

/// The magnitude of a numeric without fraction, and its sign; nothing when it does not fit.
std::optional<std::pair<std::uint64_t, bool>> whole_numeric(std::string_view bytes) noexcept {
    const auto n = parse_numeric(bytes);
    if (!n || (n->sign != 0 && n->sign != 0x4000)) return std::nullopt;
    if (n->digits == 0) return std::pair{std::uint64_t{0}, false};
    if (n->weight < 0 || n->weight > 4 || n->digits > static_cast<std::size_t>(n->weight) + 1) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(n->weight); ++i) {
        const std::uint64_t digit = i < n->digits ? n->digit(i) : 0;
        if (__builtin_mul_overflow(value, std::uint64_t{10000}, &value) ||
            __builtin_add_overflow(value, digit, &value)) {
            return std::nullopt;
        }
    }
    return std::pair{value, n->sign == 0x4000};
}

std::optional<double> real_numeric(std::string_view bytes) {
    const auto n = parse_numeric(bytes);
    if (!n) return std::nullopt;
    if (n->sign == 0xc000) return std::numeric_limits<double>::quiet_NaN();
    if (n->sign == 0xd000) return std::numeric_limits<double>::infinity();
    if (n->sign == 0xf000) return -std::numeric_limits<double>::infinity();
    std::string text = n->sign == 0x4000 ? "-0" : "0";
    for (std::size_t i = 0; i < n->digits; ++i) {
        const std::string digit = std::to_string(n->digit(i));
        text.append(4 - std::min<std::size_t>(4, digit.size()), '0').append(digit);
    }
    text += 'e';
    append_integer(text, 4L * (n->weight + 1 - static_cast<long>(n->digits)));
    double value = 0;
    if (parse_float(text, value) != FloatParse::Ok) return std::nullopt;
    return value;
}

template <class T>
bool store_integer(std::int64_t value, std::byte* out) noexcept {
    if (!std::in_range<T>(value)) return false;
    const T number = static_cast<T>(value);
    std::memcpy(out, &number, sizeof number);
    return true;
}

bool read_uint64(std::uint32_t type, std::string_view bytes, std::byte* out) noexcept {
    if (type != kNumeric) {
        const auto value = find_integer(type, bytes);
        return value && store_integer<std::uint64_t>(*value, out);
    }
    const auto whole = whole_numeric(bytes);
    if (!whole || (whole->second && whole->first != 0)) return false;
    std::memcpy(out, &whole->first, sizeof whole->first);
    return true;
}

bool read_integer(std::uint32_t type, std::string_view bytes, ScalarType scalar, std::byte* out) noexcept {
    const auto value = find_integer(type, bytes);
    if (!value) return false;
    switch (scalar) {
        case ScalarType::Int8:
            return store_integer<std::int8_t>(*value, out);
        case ScalarType::UInt8:
            return store_integer<std::uint8_t>(*value, out);
        case ScalarType::Int16:
            return store_integer<std::int16_t>(*value, out);
        case ScalarType::UInt16:
            return store_integer<std::uint16_t>(*value, out);
        case ScalarType::Int32:
            return store_integer<std::int32_t>(*value, out);
        case ScalarType::UInt32:
            return store_integer<std::uint32_t>(*value, out);
        case ScalarType::Int64:
            return store_integer<std::int64_t>(*value, out);
        default:
            return false;
    }
}

/// One value of a cell (text: `capacity` bytes).
bool read_scalar(std::uint32_t type, std::string_view bytes, ScalarType scalar, std::size_t capacity,
                 std::byte* out) noexcept {
    switch (scalar) {
        case ScalarType::Bool:
            if (type != kBool || bytes.size() != 1 || static_cast<unsigned char>(bytes[0]) > 1) return false;
            *out = static_cast<std::byte>(bytes[0]);
            return true;
        case ScalarType::UInt64:
            return read_uint64(type, bytes, out);
        case ScalarType::Float32: {
            if (type != kFloat4 || bytes.size() != 4) return false;
            const auto bits = load_big_endian<std::uint32_t>(bytes.data());
            std::memcpy(out, &bits, sizeof bits);
            return true;
        }
        case ScalarType::Float64: {
            if (type != kFloat8 || bytes.size() != 8) return false;
            const auto bits = load_big_endian<std::uint64_t>(bytes.data());
            std::memcpy(out, &bits, sizeof bits);
            return true;
        }
        case ScalarType::Char:
            if (type != kBytea || bytes.size() > capacity || bytes.find('\0') != std::string_view::npos) return false;
            if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
            std::memset(out + bytes.size(), 0, capacity - bytes.size());
            return true;
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            if (type != (scalar == ScalarType::File ? kBytea : kUuid) || bytes.size() != size_of(scalar)) return false;
            std::memcpy(out, bytes.data(), bytes.size());
            return true;
        default:
            return read_integer(type, bytes, scalar, out);
    }
}

std::uint32_t element_type_of(std::uint32_t array_type) noexcept {
    switch (array_type) {
        case kBoolArray:
            return kBool;
        case kByteaArray:
            return kBytea;
        case kInt2Array:
            return kInt2;
        case kInt4Array:
            return kInt4;
        case kInt8Array:
            return kInt8;
        case kFloat4Array:
            return kFloat4;
        case kFloat8Array:
            return kFloat8;
        case kNumericArray:
            return kNumeric;
        case kTextArray:
            return kText;
        case kUuidArray:
            return kUuid;
        default:
            return 0;
    }
}

std::uint32_t stored_type(ScalarType type) {
    switch (type) {
        case ScalarType::Bool:
            return kBool;
        case ScalarType::Int8:
        case ScalarType::UInt8:
        case ScalarType::Int16:
            return kInt2;
        case ScalarType::UInt16:
        case ScalarType::Int32:
            return kInt4;
        case ScalarType::UInt32:
        case ScalarType::Int64:
            return kInt8;
        case ScalarType::UInt64:
            return kNumeric;
        case ScalarType::Float32:
            return kFloat4;
        case ScalarType::Float64:
            return kFloat8;
        case ScalarType::Char:
        case ScalarType::File:
            return kBytea;
        case ScalarType::Ref:
        case ScalarType::Uid:
            return kUuid;
    }
    throw Error(ErrorCode::Internal, {"a cell of an unknown scalar type", "", "", "", ""});
}

/// Dims as PostgreSQL keeps them: without the capacity of text, none at all for an array without items, and beyond six
/// the leading ones multiplied into one.
struct Shape {
    std::array<std::uint64_t, kMaxDims> dims{};
    std::size_t rank = 0;
    std::uint64_t items = 1;
};

Shape shape_of(const CellType& cell) noexcept {
    auto dims = cell.dims;
    if (cell.is_text()) dims = dims.first(dims.size() - 1);
    Shape shape;
    for (const auto dim : dims) shape.items *= dim;
    if (shape.items == 0) return shape;
    const std::size_t merged = dims.size() > kMaxDims ? dims.size() - kMaxDims : 0;
    std::uint64_t lead = 1;
    for (std::size_t i = 0; i < dims.size(); ++i) {
        lead *= dims[i];
        if (i < merged) continue;
        shape.dims[shape.rank++] = lead;
        lead = 1;
    }
    return shape;
}

std::string_view text_of(const std::byte* value, std::size_t capacity) noexcept {
    const auto* text = reinterpret_cast<const char*>(value);
    const void* nul = capacity == 0 ? nullptr : std::memchr(text, 0, capacity);
    return {text, nul == nullptr ? capacity : static_cast<std::size_t>(static_cast<const char*>(nul) - text)};
}

void append_array_header(std::string& out, std::uint32_t element_type, std::span<const std::uint64_t> dims,
                         bool has_nulls = false) {
    append_big_endian(out, static_cast<std::uint32_t>(dims.size()));
    append_big_endian(out, std::uint32_t{has_nulls});
    append_big_endian(out, element_type);
    for (const auto dim : dims) {
        append_big_endian(out, static_cast<std::uint32_t>(dim));
        append_big_endian(out, std::uint32_t{1});  // lower bound
    }
}

/// Items of a fixed width: read from `From` (the element's type), sent as `To` with a length in front.
template <class From, class To>
void append_items(std::string& out, std::uint64_t count, const std::byte* value) {
    const auto start = out.size();
    out.resize(start + count * (4 + sizeof(To)));
    char* at = out.data() + start;
    for (std::uint64_t i = 0; i < count; ++i) {
        at = store_big_endian(at, static_cast<std::uint32_t>(sizeof(To)));
        at = store_big_endian(at, static_cast<To>(load<From>(value + i * sizeof(From))));
    }
}

unsigned check_bool(std::byte value) {
    const auto number = std::to_integer<unsigned>(value);
    if (number > 1) {
        throw Error(ErrorCode::BadInput, {"a bool is neither 0 nor 1", "", "", std::to_string(number), ""});
    }
    return number;
}

void append_scalar(std::string& out, ScalarType type, std::size_t capacity, const std::byte* value) {
    switch (type) {
        case ScalarType::Bool:
            out += static_cast<char>(check_bool(*value));
            return;
        case ScalarType::Int8:
            append_big_endian(out, static_cast<std::uint16_t>(load<std::int8_t>(value)));
            return;
        case ScalarType::UInt8:
            append_big_endian(out, static_cast<std::uint16_t>(load<std::uint8_t>(value)));
            return;
        case ScalarType::Int16:
            append_big_endian(out, load<std::uint16_t>(value));
            return;
        case ScalarType::UInt16:
            append_big_endian(out, static_cast<std::uint32_t>(load<std::uint16_t>(value)));
            return;
        case ScalarType::Int32:
        case ScalarType::Float32:
            append_big_endian(out, load<std::uint32_t>(value));
            return;
        case ScalarType::UInt32:
            append_big_endian(out, static_cast<std::uint64_t>(load<std::uint32_t>(value)));
            return;
        case ScalarType::Int64:
        case ScalarType::Float64:
            append_big_endian(out, load<std::uint64_t>(value));
            return;
        case ScalarType::UInt64:
            append_numeric(out, load<std::uint64_t>(value));
            return;
        case ScalarType::Char:
            out += text_of(value, capacity);
            return;
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            out.append(reinterpret_cast<const char*>(value), size_of(type));
            return;
    }
}

void append_array_cell(std::string& out, const CellType& cell, const std::byte* value) {
    const Shape shape = shape_of(cell);
    const bool may_be_null = is_identity(cell.type);
    bool has_nulls = false;
    for (std::uint64_t i = 0; may_be_null && i < shape.items; ++i)
        has_nulls |= is_null_identity(cell.type, value + i * size_of(cell.type));
    append_array_header(out, stored_type(cell.type), std::span(shape.dims).first(shape.rank), has_nulls);
    switch (cell.type) {
        case ScalarType::Int8:
            return append_items<std::int8_t, std::int16_t>(out, shape.items, value);
        case ScalarType::UInt8:
            return append_items<std::uint8_t, std::int16_t>(out, shape.items, value);
        case ScalarType::Int16:
            return append_items<std::int16_t, std::int16_t>(out, shape.items, value);
        case ScalarType::UInt16:
            return append_items<std::uint16_t, std::int32_t>(out, shape.items, value);
        case ScalarType::Int32:
        case ScalarType::Float32:
            return append_items<std::uint32_t, std::uint32_t>(out, shape.items, value);
        case ScalarType::UInt32:
            return append_items<std::uint32_t, std::int64_t>(out, shape.items, value);
        case ScalarType::Int64:
        case ScalarType::Float64:
            return append_items<std::uint64_t, std::uint64_t>(out, shape.items, value);
        case ScalarType::Bool:
        case ScalarType::UInt64:
        case ScalarType::Char:
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            break;
    }
    const std::size_t capacity = cell.is_text() ? static_cast<std::size_t>(cell.dims.back()) : size_of(cell.type);
    for (std::uint64_t i = 0; i < shape.items; ++i) {
        if (may_be_null && is_null_identity(cell.type, value + i * capacity)) {
            append_big_endian(out, kNullLength);
            continue;
        }
        const auto length_at = out.size();
        out.append(4, '\0');
        append_scalar(out, cell.type, capacity, value + i * capacity);
        store_big_endian(out.data() + length_at, static_cast<std::uint32_t>(out.size() - length_at - 4));
    }
}

/// The usual case: items of exactly the element's own width, without a check per item but the length.
template <class Bits>
bool read_items(const char* at, std::uint64_t count, std::byte* out) noexcept {
    for (std::uint64_t i = 0; i < count; ++i) {
        if (load_big_endian<std::uint32_t>(at) != sizeof(Bits)) return false;
        const Bits bits = load_big_endian<Bits>(at + 4);
        std::memcpy(out, &bits, sizeof bits);
        at += 4 + sizeof(Bits);
        out += sizeof(Bits);
    }
    return true;
}

bool read_array(std::uint32_t element_type, std::string_view bytes, const CellType& cell, std::byte* out) noexcept {
    const Shape shape = shape_of(cell);
    if (bytes.size() < 12) return false;
    if (load_big_endian<std::uint32_t>(bytes.data()) != shape.rank) return false;
    if (load_big_endian<std::uint32_t>(bytes.data() + 8) != element_type) return false;
    if (bytes.size() < 12 + 8 * shape.rank) return false;
    for (std::size_t i = 0; i < shape.rank; ++i) {
        if (load_big_endian<std::uint32_t>(bytes.data() + 12 + 8 * i) != shape.dims[i]) return false;
    }
    std::string_view rest = bytes.substr(12 + 8 * shape.rank);
    const std::size_t width = size_of(cell.type);
    const bool same = (element_type == kFloat4 && cell.type == ScalarType::Float32) ||
                      (element_type == kFloat8 && cell.type == ScalarType::Float64) ||
                      (element_type == kInt4 && cell.type == ScalarType::Int32) ||
                      (element_type == kInt8 && cell.type == ScalarType::Int64);
    if (same) {
        if (rest.size() != shape.items * (4 + width)) return false;
        return width == 4 ? read_items<std::uint32_t>(rest.data(), shape.items, out)
                          : read_items<std::uint64_t>(rest.data(), shape.items, out);
    }
    const std::size_t capacity = cell.is_text() ? static_cast<std::size_t>(cell.dims.back()) : width;
    for (std::uint64_t i = 0; i < shape.items; ++i) {
        if (rest.size() < 4) return false;
        const auto length = load_big_endian<std::uint32_t>(rest.data());  // -1, a NULL, is larger than what is left
        rest.remove_prefix(4);
        if (length == kNullLength && is_identity(cell.type)) {
            std::memset(out + i * capacity, 0, capacity);
            continue;
        }
        if (rest.size() < length) return false;
        if (!read_scalar(element_type, rest.substr(0, length), cell.type, capacity, out + i * capacity)) return false;
        rest.remove_prefix(length);
    }
    return rest.empty();
}

template <class List, class Append>
void append_list(std::string& out, std::uint32_t element_type, const List& list, const Append& append) {
    const std::uint64_t size = list.size();
    append_array_header(out, element_type, std::span(&size, size == 0 ? 0 : 1));
    for (const auto& item : list) append(item);
}

}  // namespace

std::uint32_t natural_type(const Value& value) noexcept {
    constexpr std::array<std::uint32_t, 8> kTypes{0,      kInt8,      kFloat8,    kText,
                                                  kBytea, kInt8Array, kTextArray, kByteaArray};
    return kTypes[value.index()];
}

void append_value(std::string& out, const Value& value) {
    const auto blob = [&out](std::string_view bytes) {
        append_big_endian(out, static_cast<std::uint32_t>(bytes.size()));
        out += bytes;
    };
    switch (value.index()) {
        case 1:
            append_big_endian(out, static_cast<std::uint64_t>(std::get<1>(value)));
            return;
        case 2:
            append_big_endian(out, std::bit_cast<std::uint64_t>(std::get<2>(value)));
            return;
        case 3:
            out += std::get<3>(value);
            return;
        case 4:
            out += as_text(std::get<4>(value));
            return;
        case 5:
            append_list(out, kInt8, std::get<5>(value), [&out](std::int64_t item) {
                append_big_endian(out, std::uint32_t{8});
                append_big_endian(out, static_cast<std::uint64_t>(item));
            });
            return;
        case 6:
            append_list(out, kText, std::get<6>(value), [&](const std::string& item) { blob(item); });
            return;
        case 7:
            append_list(out, kBytea, std::get<7>(value), [&](const Bytes& item) { blob(as_text(item)); });
            return;
        default:
            throw Error(ErrorCode::Internal, {"a NULL has no binary form", "", "", "", ""});
    }
}

void append_cell(std::string& out, const CellType& cell, const std::byte* value) {
    if (cell.is_array()) {
        append_array_cell(out, cell, value);
        return;
    }
    if (cell.is_text() && cell.dims.empty())
        throw Error(ErrorCode::Internal, {"a text cell without a capacity", "", "", "", ""});
    append_scalar(out, cell.type, cell.is_text() ? static_cast<std::size_t>(cell.dims[0]) : 0, value);
}

std::optional<std::int64_t> find_integer(std::uint32_t type, std::string_view bytes) noexcept {
    switch (type) {
        case kBool:
            if (bytes.size() == 1) return bytes[0] != 0 ? 1 : 0;
            break;
        case kInt2:
            if (bytes.size() == 2) return load_big_endian<std::int16_t>(bytes.data());
            break;
        case kInt4:
            if (bytes.size() == 4) return load_big_endian<std::int32_t>(bytes.data());
            break;
        case kInt8:
            if (bytes.size() == 8) return load_big_endian<std::int64_t>(bytes.data());
            break;
        case kOid:
            if (bytes.size() == 4) return load_big_endian<std::uint32_t>(bytes.data());
            break;
        case kNumeric: {
            constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
            const auto whole = whole_numeric(bytes);
            if (!whole || whole->first > (whole->second ? kTop : kTop - 1)) break;
            return static_cast<std::int64_t>(whole->second ? 0 - whole->first : whole->first);
        }
        default:
            break;
    }
    return std::nullopt;
}

std::optional<double> find_real(std::uint32_t type, std::string_view bytes) {
    if (type == kFloat8 && bytes.size() == 8)
        return std::bit_cast<double>(load_big_endian<std::uint64_t>(bytes.data()));
    if (type == kFloat4 && bytes.size() == 4) {
        return static_cast<double>(std::bit_cast<float>(load_big_endian<std::uint32_t>(bytes.data())));
    }
    if (type == kNumeric) return real_numeric(bytes);
    if (const auto integer = find_integer(type, bytes); integer && type != kBool) return static_cast<double>(*integer);
    return std::nullopt;
}

bool read_cell(std::uint32_t type, std::string_view bytes, const CellType& cell, std::byte* out) {
    if (!cell.is_array()) {
        const std::size_t capacity = cell.is_text() && !cell.dims.empty() ? static_cast<std::size_t>(cell.dims[0]) : 0;
        return read_scalar(type, bytes, cell.type, capacity, out);
    }
    const auto element_type = element_type_of(type);
    return element_type != 0 && read_array(element_type, bytes, cell, out);
}

RecordReader::RecordReader(std::string_view bytes) noexcept : rest_(bytes) {
    if (bytes.size() < 4) return;
    left_ = load_big_endian<std::uint32_t>(bytes.data());
    rest_.remove_prefix(4);
}

std::optional<RecordReader::Field> RecordReader::next() noexcept {
    if (left_ == 0 || rest_.size() < 8) return std::nullopt;
    --left_;
    Field field{.type = load_big_endian<std::uint32_t>(rest_.data()), .is_null = false, .bytes = {}};
    const auto length = load_big_endian<std::uint32_t>(rest_.data() + 4);
    rest_.remove_prefix(8);
    if (length == kNullLength) {
        field.is_null = true;
        return field;
    }
    if (rest_.size() < length) return std::nullopt;
    field.bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return field;
}

}  // namespace etalon::backends::postgres
