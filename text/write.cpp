#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <type_traits>

#include "base/bytes.h"
#include "base/identity.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "etalon/ref.h"
#include "schema/columns.h"
#include "schema/enumerators.h"
#include "schema/names.h"
#include "schema/value_text.h"
#include "text/text.h"

namespace etalon::text {
namespace {

constexpr char kHex[] = "0123456789abcdef";

bool is_printable(char c) noexcept {
    return c >= 0x20 && c <= 0x7e;
}

void append_csv_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"') {
            out += "\"\"";
        } else if (c == '\\') {
            out += "\\\\";
        } else if (is_printable(c)) {
            out += c;
        } else {
            out += {'\\', 'x', kHex[code >> 4U], kHex[code & 15U]};
        }
    }
    out += '"';
}

/// `text` is UTF-8.
void append_json_text(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (code < 0x20 || code == 0x7f) {
                    out += {'\\', 'u', '0', '0', kHex[code >> 4U], kHex[code & 15U]};
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

/// The CSV form of a number or identity.
void append_number(std::string& out, ScalarType type, const std::byte* at) {
    if (is_identity(type)) {
        out += identity_text(type, at);
        return;
    }
    with_number_type(type, [&](auto kind) {
        using T = decltype(kind);
        const T value = load_number<T>(at);
        if constexpr (std::is_same_v<T, bool>) {
            out += value ? '1' : '0';
        } else if constexpr (std::is_floating_point_v<T>) {
            append_float(out, value);
        } else {
            append_integer(out, value);
        }
    });
}

template <class T>
void append_json_float(std::string& out, T value) {
    if (std::isnan(value)) {
        out += "\"NaN\"";
    } else if (std::isinf(value)) {
        out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
        append_float(out, value);
        // A JSON reader takes -0 for the integer 0.
        if (value == 0 && std::signbit(value)) out += ".0";
    }
}

void append_json_identity(std::string& out, ScalarType type, const std::byte* at) {
    if (is_null_identity(type, at)) {
        out += "null";
    } else if (type == ScalarType::File) {
        const auto file = load_number<File>(at);
        out += "{\"sha256\": \"" + to_hex(std::as_bytes(std::span(file.sha256))) + "\", \"size\": ";
        append_integer(out, file.size);
        out += '}';
    } else {
        append_json_text(out, identity_text(type, at));
    }
}

/// The name of a value where names are asked for and it has one; else empty.
std::string name_for(EnumText enums, const Element& element, const std::byte* at) {
    return enums == EnumText::Names ? schema::enumerator_text_at(element, at) : std::string();
}

void append_json_value(std::string& out, const Element& element, std::uint64_t index, const std::byte* row,
                       EnumText enums) {
    const auto cell = schema::cell_of(element, index);
    const std::byte* const at = row + cell.offset;
    if (const auto name = name_for(enums, element, at); !name.empty()) return append_json_text(out, name);
    switch (cell.type) {
        case ScalarType::Char: {
            const auto text = schema::text_at(at, cell.capacity);
            if (is_utf8(text)) {
                append_json_text(out, text);
            } else {
                out += "{\"hex\": \"" + to_hex(as_bytes(text)) + "\"}";
            }
            break;
        }
        case ScalarType::Bool:
            out += load_number<bool>(at) ? "true" : "false";
            break;
        case ScalarType::Float32:
            append_json_float(out, load_number<float>(at));
            break;
        case ScalarType::Float64:
            append_json_float(out, load_number<double>(at));
            break;
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            append_json_identity(out, cell.type, at);
            break;
        default:
            append_number(out, cell.type, at);
    }
}

/// How values of a row are written.
struct JsonHow {
    EnumText enums = EnumText::Numbers;
    const WriteReference* write_reference = nullptr;  ///< may be null, and empty
};

void append_json_item(std::string& out, const Element& element, std::uint64_t index, const std::byte* row,
                      const JsonHow& how) {
    if (element.type == ScalarType::Ref && how.write_reference != nullptr && *how.write_reference) {
        const auto id = load_number<ObjectId>(row + schema::cell_of(element, index).offset);
        if (!id.is_null() && (*how.write_reference)(out, element, index, id)) return;
    }
    append_json_value(out, element, index, row, how.enums);
}

void append_json_array(std::string& out, const Element& element, const std::byte* row, std::size_t level,
                       std::uint64_t& index, const JsonHow& how) {
    if (level == schema::num_indices(element)) {
        append_json_item(out, element, index++, row, how);
        return;
    }
    out += '[';
    for (std::uint64_t i = 0; i < element.dims[level]; ++i) {
        if (i != 0) out += ", ";
        append_json_array(out, element, row, level + 1, index, how);
    }
    out += ']';
}

void append_json_members(std::string& out, const StructDefinition& layout, const std::byte* row,
                         const std::int64_t* element_id, const JsonHow& how) {
    out += '{';
    bool first = true;
    const auto key = [&](std::string_view name) {
        if (!first) out += ", ";
        first = false;
        append_json_text(out, schema::utf8_escaped(name));
        out += ": ";
    };
    // An element of that name is data; it must not meet a second key.
    const auto is_id = [](const Element& element) { return element.path == schema::kElementIdKey; };
    if (element_id != nullptr && std::ranges::none_of(layout.elements, is_id)) {
        key(schema::kElementIdKey);
        append_integer(out, *element_id);
    }
    for (const auto& element : layout.elements) {
        key(element.path);
        std::uint64_t index = 0;
        append_json_array(out, element, row, 0, index, how);
    }
    out += '}';
}

}  // namespace

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    const bool utf8 = is_utf8(text);
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"') {
            out += "\"\"";
        } else if (c == '\\') {
            out += "\\\\";
        } else if (code < 0x20 || code == 0x7f || (code >= 0x80 && !utf8)) {
            out += {'\\', 'x', kHex[code >> 4U], kHex[code & 15U]};
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string csv_header(const StructDefinition& layout) {
    std::string line;
    schema::for_each_column(layout, [&line, first = true](const std::string& name) mutable {
        if (!first) line += ',';
        first = false;
        line += name;
        return true;
    });
    return line;
}

void append_csv_row(std::string& out, const StructDefinition& layout, const std::byte* row, EnumText enums) {
    const std::size_t begin = out.size();
    bool first = true;
    for (const auto& element : layout.elements) {
        const std::uint64_t count = schema::num_values(element);
        const std::uint64_t size = schema::value_size(element);
        const std::byte* at = row + element.offset;
        for (std::uint64_t i = 0; i < count; ++i, at += size) {
            if (!first) out += ',';
            first = false;
            if (element.is_text()) {
                append_csv_text(out, schema::text_at(at, size));
            } else if (const auto name = name_for(enums, element, at); !name.empty()) {
                out += name;
            } else {
                append_number(out, element.type, at);
            }
        }
    }
    // Only null is written as nothing, and a line of nothing is no row.
    if (out.size() == begin && !first) out += "\"\"";
}

void append_json_row(std::string& out, const StructDefinition& layout, const std::byte* row,
                     const std::int64_t* element_id, EnumText enums) {
    append_json_members(out, layout, row, element_id, {enums, nullptr});
}

void append_json_row(std::string& out, const StructDefinition& layout, const std::byte* row,
                     const WriteReference& write_reference, EnumText enums) {
    append_json_members(out, layout, row, nullptr, {enums, &write_reference});
}

void append_value(std::string& out, const Element& element, const std::byte* row, std::uint64_t index) {
    const schema::Cell cell = schema::cell_of(element, index);
    if (!element.is_text()) {
        const auto name = schema::enumerator_text_at(element, row + cell.offset);
        name.empty() ? append_number(out, cell.type, row + cell.offset) : void(out += name);
        return;
    }
    const auto text = schema::text_at(row + cell.offset, cell.capacity);
    if (std::ranges::all_of(text, is_printable)) {
        out += text;
    } else {
        append_csv_text(out, text);
    }
}

std::vector<std::string> csv_columns(const StructDefinition& definition) {
    std::vector<std::string> names;
    schema::for_each_column(definition, [&names](const std::string& name) {
        names.push_back(name);
        return true;
    });
    return names;
}

}  // namespace etalon::text
