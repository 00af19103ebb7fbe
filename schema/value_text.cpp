#include "schema/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/identity.h"
#include "base/nearest.h"
#include "base/number_text.h"
#include "schema/default_list.h"
#include "schema/enumerators.h"

namespace etalon::schema {
namespace {

constexpr std::size_t kMostShown = 60;  // bytes of a bad value that an error repeats

/// A sign and digits, nothing else.
bool is_decimal(std::string_view text) noexcept {
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <class T>
ValueProblem parse_whole(std::string_view text, std::byte* out) noexcept {
    if (const auto value = parse_integer<T>(text)) {
        std::memcpy(out, &*value, sizeof(T));
        return ValueProblem::None;
    }
    if (is_decimal(text)) {
        // Minus zero is no form that std::from_chars knows for unsigned types.
        if (text.find_first_not_of("+-0") != std::string_view::npos) return ValueProblem::OutOfRange;
        std::memset(out, 0, sizeof(T));
        return ValueProblem::None;
    }
    double number = 0;
    return parse_float(text, number) == FloatParse::Malformed ? ValueProblem::Malformed : ValueProblem::NotInteger;
}

template <class T>
ValueProblem parse_decimal(std::string_view text, std::byte* out) noexcept {
    T value{};
    switch (parse_float(text, value)) {
        case FloatParse::Ok:
            std::memcpy(out, &value, sizeof value);
            return ValueProblem::None;
        case FloatParse::OutOfRange:
            return ValueProblem::OutOfRange;
        case FloatParse::Malformed:
            break;
    }
    return ValueProblem::Malformed;
}

ValueProblem parse_bool(std::string_view text, std::byte* out) noexcept {
    const auto is = [&text](std::string_view word) {
        return std::ranges::equal(text, word, {},
                                  [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    };
    if (text == "0" || is("false")) {
        *out = std::byte{0};
    } else if (text == "1" || is("true")) {
        *out = std::byte{1};
    } else {
        return is_decimal(text) ? ValueProblem::OutOfRange : ValueProblem::Malformed;
    }
    return ValueProblem::None;
}

template <class T>
std::string range_of() {
    return fmt::format("{} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
}

std::string range_of(ScalarType type) {
    switch (type) {
        case ScalarType::Bool:
            return "0, 1, true or false";
        case ScalarType::Int8:
            return "-128 to 127";
        case ScalarType::UInt8:
            return "0 to 255";
        case ScalarType::Int16:
            return range_of<std::int16_t>();
        case ScalarType::UInt16:
            return range_of<std::uint16_t>();
        case ScalarType::Int32:
            return range_of<std::int32_t>();
        case ScalarType::UInt32:
            return range_of<std::uint32_t>();
        case ScalarType::Int64:
            return range_of<std::int64_t>();
        case ScalarType::UInt64:
            return range_of<std::uint64_t>();
        case ScalarType::Float32:
            return "at most 3.4028235e+38 in size, nan, inf or -inf";
        case ScalarType::Float64:
            return "at most 1.7976931348623157e+308 in size, nan, inf or -inf";
        case ScalarType::Ref:
        case ScalarType::Uid:
            return "32 hexadecimal digits, or nothing for null";
        case ScalarType::File:
            return "sha256:<64 hexadecimal digits>:<size>, or nothing for null";
        case ScalarType::Char:
            break;
    }
    return {};
}

std::string expected_of(const Cell& cell) {
    if (cell.type == ScalarType::Char) return fmt::format("text of at most {} bytes", cell.capacity);
    return fmt::format("{} ({})", name_of(cell.type), range_of(cell.type));
}

}  // namespace

ValueProblem parse_number(ScalarType type, std::string_view text, std::byte* out) noexcept {
    switch (type) {
        case ScalarType::Bool:
            return parse_bool(text, out);
        case ScalarType::Int8:
            return parse_whole<std::int8_t>(text, out);
        case ScalarType::UInt8:
            return parse_whole<std::uint8_t>(text, out);
        case ScalarType::Int16:
            return parse_whole<std::int16_t>(text, out);
        case ScalarType::UInt16:
            return parse_whole<std::uint16_t>(text, out);
        case ScalarType::Int32:
            return parse_whole<std::int32_t>(text, out);
        case ScalarType::UInt32:
            return parse_whole<std::uint32_t>(text, out);
        case ScalarType::Int64:
            return parse_whole<std::int64_t>(text, out);
        case ScalarType::UInt64:
            return parse_whole<std::uint64_t>(text, out);
        case ScalarType::Float32:
            return parse_decimal<float>(text, out);
        case ScalarType::Float64:
            return parse_decimal<double>(text, out);
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            return parse_identity(type, text, out) ? ValueProblem::None : ValueProblem::Malformed;
        case ScalarType::Char:
            break;
    }
    return ValueProblem::Malformed;
}

ValueProblem parse_value(const Cell& cell, std::string_view text, std::byte* out) {
    const auto problem = parse_number(cell.type, text, out);
    if (cell.enumeration == nullptr) return problem;
    if (problem == ValueProblem::None)
        return has_enumerator(*cell.enumeration, out) ? ValueProblem::None : ValueProblem::NoEnumerator;
    if (problem != ValueProblem::Malformed) return problem;
    const auto value = find_enumerator(*cell.enumeration, text);
    if (!value) return problem;
    // The enumerators of an element fit its type, and so do their bits together; those of uint64 wrap.
    std::memcpy(out, &*value, size_of(cell.type));
    return ValueProblem::None;
}

ValueProblem store_text(std::string_view text, std::uint64_t capacity, std::byte* out) noexcept {
    if (text.find('\0') != std::string_view::npos) return ValueProblem::HasNul;
    if (text.size() > capacity) return ValueProblem::TooLong;
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    std::memset(out + text.size(), 0, capacity - text.size());
    return ValueProblem::None;
}

ValueProblem unescape(std::string_view body, bool quoted, std::string& out) {
    std::size_t i = 0;
    while (i < body.size()) {
        const auto plain = std::min(body.find_first_of("\\\"", i), body.size());
        out.append(body.substr(i, plain - i));
        i = plain;
        if (i == body.size()) break;
        const std::string_view rest = body.substr(i);
        if (rest.front() == '"') {
            if (!quoted || !rest.starts_with("\"\"")) return ValueProblem::StrayQuote;
            out += '"';
            i += 2;
        } else if (rest.starts_with("\\\\")) {
            out += '\\';
            i += 2;
        } else if (rest.size() >= 4 && rest[1] == 'x' && hex_digit(rest[2]) >= 0 && hex_digit(rest[3]) >= 0) {
            out += static_cast<char>(hex_digit(rest[2]) * 16 + hex_digit(rest[3]));
            i += 4;
        } else {
            return ValueProblem::BadEscape;
        }
    }
    return ValueProblem::None;
}

std::string shown(std::string_view text) {
    if (text.empty()) return "nothing";
    std::string out = "'";
    for (const char c : text.substr(0, kMostShown)) {
        const auto code = static_cast<unsigned char>(c);
        if (code >= 0x20 && code <= 0x7e) {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", code);
        }
    }
    return out + (text.size() > kMostShown ? "...'" : "'");
}

ErrorInfo describe(ValueProblem problem, const Cell& cell, std::string_view found) {
    switch (problem) {
        case ValueProblem::None:
            break;
        case ValueProblem::Malformed:
            if (cell.enumeration != nullptr) {
                std::vector<std::string> names;
                for (const auto& [name, value] : cell.enumeration->enumerators) names.push_back(name);
                return {"value cannot be read",
                        {},
                        fmt::format("{} or a name: {}", name_of(cell.type), list_enumerators(*cell.enumeration)),
                        shown(found),
                        did_you_mean(found.substr(found.rfind(':') + 1), names)};
            }
            break;
        case ValueProblem::NoEnumerator:
            return {"no enumerator has this value",
                    {},
                    list_enumerators(*cell.enumeration) + ", or bits of which each has a name",
                    shown(found),
                    "--lenient lets it in, and counts it"};
        case ValueProblem::OutOfRange:
            return {"value out of range", {}, expected_of(cell), shown(found), {}};
        case ValueProblem::NotInteger:
            return {"value is not an integer", {}, expected_of(cell), shown(found), {}};
        case ValueProblem::TooLong:
            return {"text is too long",
                    {},
                    fmt::format("at most {} bytes (the capacity)", cell.capacity),
                    fmt::format("{} bytes", found.size()),
                    {}};
        case ValueProblem::HasNul:
            return {"text contains a NUL byte",
                    {},
                    "text without \\x00",
                    shown(found),
                    "leave it out: what is behind the text is filled with NUL"};
        case ValueProblem::BadEscape:
            return {
                "backslash that begins no escape", {}, "\\\\ for a backslash or \\xHH for a byte", shown(found), {}};
        case ValueProblem::Unclosed:
            return {"text without its closing double quote",
                    {},
                    "a double quote before the end of the line",
                    shown(found),
                    "write a line end within text as \\x0a"};
        case ValueProblem::StrayQuote:
            return {"double quote out of place",
                    {},
                    "text in double quotes, with each double quote in it doubled",
                    shown(found),
                    {}};
    }
    return {"value cannot be read", {}, expected_of(cell), shown(found), {}};
}

std::string_view text_at(const std::byte* at, std::uint64_t capacity) noexcept {
    const auto* const begin = reinterpret_cast<const char*>(at);
    const void* const end = std::memchr(begin, 0, capacity);
    return {begin, end == nullptr ? capacity : static_cast<std::size_t>(static_cast<const char*>(end) - begin)};
}

std::uint64_t value_size(const Element& element) noexcept {
    return element.is_text() && !element.dims.empty() ? element.dims.back() : size_of(element.type);
}

std::uint64_t num_values(const Element& element) noexcept {
    std::uint64_t count = 1;
    for (std::size_t i = 0; i < num_indices(element); ++i) count *= element.dims[i];
    return count;
}

std::size_t num_indices(const Element& element) noexcept {
    return element.dims.size() - (element.is_text() && !element.dims.empty() ? 1 : 0);
}

RowAppender::RowAppender(DefinitionPtr layout) : layout_(std::move(layout)) {
    constexpr std::uint64_t kLargest = std::uint64_t{64} << 20;
    if (layout_->size <= kLargest) return;
    throw Error(ErrorCode::BadInput,
                {"the rows of the struct are too large to be read from text", "struct " + layout_->name,
                 fmt::format("at most {} MB in a row", kLargest >> 20), fmt::format("{} bytes", layout_->size),
                 "put them from a program, or declare an array of the size that is needed"});
}

std::byte* RowAppender::append() {
    const std::uint64_t size = layout_->size;
    const std::uint64_t used = num_rows_ * size;
    if (data_.size() - used < size) {
        AlignedBuffer larger(std::max(size, 2 * data_.size()));
        if (used != 0) std::memcpy(larger.data(), data_.data(), used);
        data_ = std::move(larger);
    }
    std::byte* const row = data_.data() + used;
    std::memset(row, 0, size);
    ++num_rows_;
    return row;
}

bool RowAppender::is_piece() const noexcept {
    constexpr std::uint64_t kPiece = 1024 * 1024;
    return num_rows_ * layout_->size >= kPiece;
}

RowBlock RowAppender::finish() {
    RowBlock block{layout_, std::move(data_), num_rows_};
    const std::uint64_t used = num_rows_ * layout_->size;
    if (block.data.size() != used) {
        AlignedBuffer exact(used);
        if (used != 0) std::memcpy(exact.data(), block.data.data(), used);
        block.data = std::move(exact);
    }
    data_ = AlignedBuffer{};
    num_rows_ = 0;
    return block;
}

bool write_fill(const Element& element, std::string_view text, std::byte* out) {
    const std::uint64_t size = value_size(element);
    Bytes value(size);
    if (element.is_text()) {
        const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
        std::string meant;
        if (unescape(quoted ? text.substr(1, text.size() - 2) : text, quoted, meant) != ValueProblem::None)
            return false;
        if (store_text(meant, size, value.data()) != ValueProblem::None) return false;
    } else if (parse_number(element.type, text, value.data()) != ValueProblem::None) {
        const auto named = find_enumerator(element, text);
        if (!named) return false;
        std::memcpy(value.data(), &*named, size);
    }
    for (std::uint64_t i = 0; i < num_values(element); ++i) std::memcpy(out + i * size, value.data(), size);
    return true;
}

bool write_default(const Element& element, std::string_view text, std::byte* out) {
    const auto items = default_items(element, text);
    if (!items) return write_fill(element, text, out);
    if (items->size() != num_values(element)) return false;
    const std::uint64_t size = value_size(element);
    Element one = element;
    one.dims.resize(element.is_text() ? 1 : 0);
    if (element.is_text()) one.dims.front() = size;
    for (std::size_t i = 0; i < items->size(); ++i) {
        if (!write_fill(one, (*items)[i], out + i * size)) return false;
    }
    return true;
}

}  // namespace etalon::schema
