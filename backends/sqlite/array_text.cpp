#include "backends/sqlite/array_text.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/identity.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "etalon/error.h"

namespace etalon::backends::sqlite {
namespace {

/// Dims of the array as SQL sees it, and the bytes of one item.
struct Shape {
    std::span<const std::uint64_t> dims;
    std::size_t item_bytes = 0;
};

Shape shape_of(const CellType& cell) {
    if (!cell.is_text()) return {cell.dims, size_of(cell.type)};
    return {cell.dims.first(cell.dims.size() - 1), static_cast<std::size_t>(cell.dims.back())};
}

std::uint64_t items_below(std::span<const std::uint64_t> dims) {
    std::uint64_t n = 1;
    for (const auto dim : dims) n *= dim;
    return n;
}

/// Writes nested brackets around items; `item(at)` appends one and returns false to stop.
template <class Item>
bool append_nested(std::string& out, std::span<const std::uint64_t> dims, std::size_t item_bytes, const std::byte*& at,
                   const Item& item) {
    out += '[';
    for (std::uint64_t i = 0; i < dims[0]; ++i) {
        if (i != 0) out += ',';
        if (dims.size() > 1) {
            if (!append_nested(out, dims.subspan(1), item_bytes, at, item)) return false;
        } else {
            if (!item(at)) return false;
            at += item_bytes;
        }
    }
    out += ']';
    return true;
}

bool append_bool_item(std::string& out, const std::byte* at) {
    if (std::to_integer<unsigned>(*at) > 1) {
        throw Error(ErrorCode::BadInput,
                    {"a bool is neither 0 nor 1", "", "", std::to_string(std::to_integer<unsigned>(*at)), ""});
    }
    out += *at == std::byte{1} ? "true" : "false";
    return true;
}

template <class T>
bool append_float_item(std::string& out, const std::byte* at) {
    const T value = load_number<T>(at);
    if (std::isnan(value)) return false;
    if (std::isinf(value)) {
        out += value < 0 ? "\"-Infinity\"" : "\"Infinity\"";
    } else {
        append_float(out, value);
    }
    return true;
}

/// Reads JSON text of a known shape. Methods return false on malformed text, with the reason in `problem`.
class Reader {
public:
    explicit Reader(std::string_view text) : at_(text.data()), begin_(text.data()), end_(text.data() + text.size()) {}

    template <class Item>
    bool nested(std::span<const std::uint64_t> dims, std::size_t item_bytes, std::byte*& out, const Item& item) {
        if (!expect('[')) return false;
        for (std::uint64_t i = 0; i < dims[0]; ++i) {
            if (i != 0 && !expect(',')) return false;
            if (dims.size() > 1) {
                if (!nested(dims.subspan(1), item_bytes, out, item)) return false;
            } else {
                if (!item(out)) return false;
                out += item_bytes;
            }
        }
        return expect(']');
    }

    template <class T>
    bool number(std::byte* out) {
        skip_space();
        if constexpr (std::is_floating_point_v<T>) {
            if (at_ != end_ && *at_ == '"') return infinity<T>(out);
        }
        T value{};
        const auto result = std::from_chars(at_, end_, value);
        if (result.ec != std::errc{}) return fail("a number in range");
        if constexpr (std::is_floating_point_v<T>) {
            // from_chars also takes "nan" and "inf", which JSON does not have.
            if (!std::isfinite(value)) return fail("a finite number");
        }
        at_ = result.ptr;
        std::memcpy(out, &value, sizeof value);
        return true;
    }

    bool boolean(std::byte* out) {
        skip_space();
        const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
        for (const auto& [word, value] :
             {std::pair<std::string_view, int>{"true", 1}, {"false", 0}, {"1", 1}, {"0", 0}}) {
            if (rest.starts_with(word)) {
                at_ += word.size();
                *out = static_cast<std::byte>(value);
                return true;
            }
        }
        return fail("true or false");
    }

    /// Takes `null` when it stands here.
    bool null() {
        skip_space();
        if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with("null")) return false;
        at_ += 4;
        return true;
    }

    bool string(std::string& out) {
        out.clear();
        if (!expect('"')) return false;
        while (at_ != end_ && *at_ != '"') {
            if (*at_ != '\\') {
                out += *at_++;
            } else if (!escape(out)) {
                return false;
            }
        }
        return expect('"');
    }

    bool end() {
        skip_space();
        return at_ == end_ || fail("the end of the array");
    }

    bool fail(std::string_view expected) {
        if (problem_.empty()) {
            problem_ = "expected " + std::string(expected) + " at byte " + std::to_string(at_ - begin_);
        }
        return false;
    }

    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
    void skip_space() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    }

    bool expect(char c) {
        skip_space();
        if (at_ == end_ || *at_ != c) return fail(std::string(1, c));
        ++at_;
        return true;
    }

    template <class T>
    bool infinity(std::byte* out) {
        std::string word;
        if (!string(word)) return false;
        T value = std::numeric_limits<T>::infinity();
        if (word == "-Infinity") {
            value = -value;
        } else if (word != "Infinity") {
            return fail("a number");
        }
        std::memcpy(out, &value, sizeof value);
        return true;
    }

    bool hex4(std::uint32_t& code) {
        if (end_ - at_ < 4) return fail("four hexadecimal digits");
        const auto result = std::from_chars(at_, at_ + 4, code, 16);
        if (result.ec != std::errc{} || result.ptr != at_ + 4) return fail("four hexadecimal digits");
        at_ += 4;
        return true;
    }

    bool escape(std::string& out) {
        ++at_;  // the backslash
        if (at_ == end_) return fail("an escape");
        switch (*at_++) {
            case '"':
                out += '"';
                return true;
            case '\\':
                out += '\\';
                return true;
            case '/':
                out += '/';
                return true;
            case 'b':
                out += '\b';
                return true;
            case 'f':
                out += '\f';
                return true;
            case 'n':
                out += '\n';
                return true;
            case 'r':
                out += '\r';
                return true;
            case 't':
                out += '\t';
                return true;
            case 'u':
                break;
            default:
                return fail("a JSON escape");
        }
        std::uint32_t code = 0;
        if (!hex4(code)) return false;
        if (code >= 0xd800 && code < 0xdc00) {
            std::uint32_t low = 0;
            if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return fail("a low surrogate");
            at_ += 2;
            if (!hex4(low)) return false;
            if (low < 0xdc00 || low > 0xdfff) return fail("a low surrogate");
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        } else if (code >= 0xdc00 && code < 0xe000) {
            return fail("a high surrogate first");
        }
        append_utf8(out, code);
        return true;
    }

    static void append_utf8(std::string& out, std::uint32_t code) {
        const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
        if (code < 0x80) {
            byte(code);
        } else if (code < 0x800) {
            byte(0xc0 | (code >> 6));
            byte(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
            byte(0xe0 | (code >> 12));
            byte(0x80 | ((code >> 6) & 0x3f));
            byte(0x80 | (code & 0x3f));
        } else {
            byte(0xf0 | (code >> 18));
            byte(0x80 | ((code >> 12) & 0x3f));
            byte(0x80 | ((code >> 6) & 0x3f));
            byte(0x80 | (code & 0x3f));
        }
    }

    const char* at_;
    const char* begin_;
    const char* end_;
    std::string problem_;
};

}  // namespace

std::string_view text_of(const std::byte* value, std::size_t capacity) noexcept {
    const auto* text = reinterpret_cast<const char*>(value);
    const void* nul = capacity == 0 ? nullptr : std::memchr(text, 0, capacity);
    return {text, nul == nullptr ? capacity : static_cast<std::size_t>(static_cast<const char*>(nul) - text)};
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr const char* kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00";
            out += kHex[(c >> 4) & 0xf];
            out += kHex[c & 0xf];
        } else {
            out += c;
        }
    }
    out += '"';
}

bool append_array(std::string& out, const CellType& cell, const std::byte* values) {
    const Shape shape = shape_of(cell);
    const std::byte* at = values;
    if (cell.is_text()) {
        return append_nested(out, shape.dims, shape.item_bytes, at, [&](const std::byte* item) {
            const auto text = text_of(item, shape.item_bytes);
            if (!is_utf8(text)) return false;
            append_json_string(out, text);
            return true;
        });
    }
    if (is_identity(cell.type)) {
        return append_nested(out, shape.dims, shape.item_bytes, at, [&](const std::byte* item) {
            const auto text = identity_text(cell.type, item);
            text.empty() ? void(out += "null") : append_json_string(out, text);
            return true;
        });
    }
    return with_number_type(cell.type, [&]<class T>(T) {
        return append_nested(out, shape.dims, sizeof(T), at, [&out](const std::byte* item) {
            if constexpr (std::is_same_v<T, bool>) {
                return append_bool_item(out, item);
            } else if constexpr (std::is_floating_point_v<T>) {
                return append_float_item<T>(out, item);
            } else {
                append_integer(out, load_number<T>(item));
                return true;
            }
        });
    });
}

std::optional<std::string> parse_array(std::string_view text, const CellType& cell, std::byte* out) {
    const Shape shape = shape_of(cell);
    Reader reader(text);
    bool good = false;
    if (cell.is_text()) {
        std::string word;
        if (items_below(shape.dims) != 0 && shape.item_bytes != 0) std::memset(out, 0, cell.bytes());
        good = reader.nested(shape.dims, shape.item_bytes, out, [&](std::byte* item) {
            if (!reader.string(word)) return false;
            if (word.size() > shape.item_bytes || word.find('\0') != std::string::npos) {
                return reader.fail("text of at most " + std::to_string(shape.item_bytes) + " bytes before this,");
            }
            if (!word.empty()) std::memcpy(item, word.data(), word.size());
            return true;
        });
    } else if (is_identity(cell.type)) {
        std::string word;
        good = reader.nested(shape.dims, shape.item_bytes, out, [&](std::byte* item) {
            if (reader.null()) {
                std::memset(item, 0, shape.item_bytes);
                return true;
            }
            return reader.string(word) && ((!word.empty() && parse_identity(cell.type, word, item)) ||
                                           reader.fail("a " + std::string(name_of(cell.type)) + " before this,"));
        });
    } else {
        good = with_number_type(cell.type, [&]<class T>(T) {
            return reader.nested(shape.dims, sizeof(T), out, [&reader](std::byte* item) {
                if constexpr (std::is_same_v<T, bool>) {
                    return reader.boolean(item);
                } else {
                    return reader.template number<T>(item);
                }
            });
        });
    }
    if (good && reader.end()) return std::nullopt;
    return reader.problem();
}

}  // namespace etalon::backends::sqlite
