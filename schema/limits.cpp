#include "schema/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <variant>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/identity.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "schema/names.h"
#include "schema/value_text.h"

namespace etalon::schema {
namespace {

/// A number as its type has it, for exact comparisons.
using Number = std::variant<std::int64_t, std::uint64_t, double>;

Number load(ScalarType type, const std::byte* at) noexcept {
    return with_number_type(type, [&](auto kind) -> Number {
        using T = decltype(kind);
        using Wide = std::conditional_t<
            std::is_floating_point_v<T>, double,
            std::conditional_t<std::is_signed_v<T> || std::is_same_v<T, bool>, std::int64_t, std::uint64_t>>;
        return static_cast<Wide>(load_number<T>(at));
    });
}

std::string text_of(const Element& element, const std::byte* at) {
    std::string out;
    if (element.is_text()) {
        const auto text = text_at(at, element.dims.back());
        out = "\"";
        for (const char c : utf8_text(std::string(text))) out += c == '"' ? std::string("\"\"") : std::string(1, c);
        return out + '"';
    }
    if (is_identity(element.type)) return identity_text(element.type, at);
    // A float32 in its own digits.
    if (element.type == ScalarType::Float32) {
        append_float(out, load_number<float>(at));
    } else {
        std::visit(
            [&](auto number) {
                if constexpr (std::is_same_v<decltype(number), double>) {
                    append_float(out, number);
                } else {
                    append_integer(out, number);
                }
            },
            load(element.type, at));
    }
    return out;
}

/// One value of an element.
Element single(const Element& element) {
    auto one = element;
    one.default_value.reset();
    one.dims.clear();
    if (element.is_text()) one.dims = {element.dims.back()};
    return one;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The parts of a text between separators that do not stand in quotes.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at < text.size() && text[at] == '"') quoted = !quoted;
        if (at < text.size() && (quoted || text[at] != separator)) continue;
        parts.push_back(trim(text.substr(begin, at - begin)));
        begin = at + 1;
    }
    return parts;
}

enum class Kind : std::uint8_t { Range, NotNan, OneOf, Unique, Increasing };

/// A limit with its values in memory.
struct Limit {
    Kind kind = Kind::Range;
    std::string text;  ///< canonical
    std::optional<Number> low;
    std::optional<Number> high;
    bool with_low = true;
    bool with_high = true;
    std::vector<Bytes> values;  ///< of OneOf, in the element's type
};

/// One limit that was read, or why not.
struct ReadLimit {
    std::optional<Limit> limit;
    std::string problem;
    bool is_prose = false;

    static ReadLimit mistake(std::string why) { return {std::nullopt, std::move(why), false}; }
};

/// The bytes of a value of the element's type; nothing when the text is none.
std::optional<Bytes> parse(const Element& one, std::string_view text) {
    Bytes bytes(one.bytes());
    if (!write_fill(one, text, bytes.data())) return std::nullopt;
    return bytes;
}

ReadLimit read_range(const Element& element, std::string_view text) {
    const auto one = single(element);
    const auto type = std::string(name_of(element.type));
    const auto comma = text.find(',');
    if (element.is_text()) return ReadLimit::mistake("text has no range");
    if (is_identity(element.type)) return ReadLimit::mistake(fmt::format("a {} has no range", type));
    if (text.find(',', comma + 1) != std::string_view::npos) return ReadLimit::mistake("a range has two ends");
    Limit limit;
    limit.with_low = text.front() == '[';
    limit.with_high = text.back() == ']';
    const auto low = trim(text.substr(1, comma - 1));
    const auto high = trim(text.substr(comma + 1, text.size() - comma - 2));
    std::string shown_low = "-inf";
    std::string shown_high = "inf";
    const bool floating = is_float(element.type);
    // An end at infinity that a float may have counts; `(` says that it does not.
    const auto read = [&](std::string_view end, const char* open, bool& with, std::optional<Number>& into,
                          std::string& shown) {
        if (end.empty() || (end == open && (!floating || !with))) {
            if (!floating) with = false;
            if (floating && end.empty()) with = true;
            return true;
        }
        const auto bytes = parse(one, end);
        if (!bytes) return false;
        into = load(element.type, bytes->data());
        shown = text_of(one, bytes->data());
        return true;
    };
    if (!read(low, "-inf", limit.with_low, limit.low, shown_low) ||
        !read(high, "inf", limit.with_high, limit.high, shown_high)) {
        return ReadLimit::mistake(fmt::format("an end of {} is no value of {}", text, type));
    }
    const bool is_empty =
        limit.low && limit.high &&
        (*limit.low > *limit.high || (*limit.low == *limit.high && !(limit.with_low && limit.with_high)));
    const auto is_nan = [](const std::optional<Number>& end) {
        const auto* number = end ? std::get_if<double>(&*end) : nullptr;
        return number != nullptr && std::isnan(*number);
    };
    if (is_empty || is_nan(limit.low) || is_nan(limit.high))
        return ReadLimit::mistake(fmt::format("{} has no value", text));
    limit.text =
        fmt::format("{}{}, {}{}", limit.with_low ? '[' : '(', shown_low, shown_high, limit.with_high ? ']' : ')');
    return {std::move(limit), "", false};
}

ReadLimit read_one(const Element& element, std::string_view text) {
    const auto one = single(element);
    const auto simple = [&](Kind kind) {
        return ReadLimit{Limit{kind, std::string(text), {}, {}, true, true, {}}, "", false};
    };
    const bool bracketed = text.size() > 2 && (text.front() == '[' || text.front() == '(') &&
                           (text.back() == ']' || text.back() == ')') && text.find(',') != std::string_view::npos;
    if (bracketed) return read_range(element, text);
    if (text == "not nan") {
        if (!is_float(element.type)) return ReadLimit::mistake(fmt::format("{} has no nan", name_of(element.type)));
        return simple(Kind::NotNan);
    }
    if (text == "unique") return simple(Kind::Unique);
    if (text == "increasing") {
        if (element.is_text()) return ReadLimit::mistake("text is not increasing");
        if (is_identity(element.type))
            return ReadLimit::mistake(fmt::format("a {} is not increasing", name_of(element.type)));
        return simple(Kind::Increasing);
    }
    constexpr std::string_view kOneOf = "one of ";
    if (text.starts_with(kOneOf)) {
        Limit limit;
        limit.kind = Kind::OneOf;
        for (const auto item : split(text.substr(kOneOf.size()), ',')) {
            const auto bytes = parse(one, item);
            if (!bytes || item.empty()) {
                return ReadLimit::mistake(
                    fmt::format("'{}' of '{}' is no value of {}", item, text, name_of(element.type)));
            }
            limit.text += (limit.text.empty() ? "one of " : ", ") + text_of(one, bytes->data());
            limit.values.push_back(*bytes);
        }
        return {std::move(limit), "", false};
    }
    return {std::nullopt,
            fmt::format("'{}' is none of: [A, B], [A, B), not nan, one of A, B, unique, increasing", text), true};
}

/// The limits of an element of a sound definition.
std::vector<Limit> limits_of(const Element& element) {
    std::vector<Limit> limits;
    for (const auto& text : element.limits) {
        auto read = read_one(element, text);
        if (read.limit) limits.push_back(*std::move(read.limit));
    }
    return limits;
}

bool is_nan_at(const Element& element, const std::byte* at) noexcept {
    const auto number = load(element.type, at);
    const auto* real = std::get_if<double>(&number);
    return real != nullptr && std::isnan(*real);
}

/// Two values that count as one: texts by what they say, NaN equals NaN, -0 equals 0.
bool same_value(const Element& element, const std::byte* a, const std::byte* b) noexcept {
    if (element.is_text()) return text_at(a, element.dims.back()) == text_at(b, element.dims.back());
    if (!is_float(element.type)) return std::memcmp(a, b, size_of(element.type)) == 0;
    return load(element.type, a) == load(element.type, b) || (is_nan_at(element, a) && is_nan_at(element, b));
}

/// A hash that same_value() keeps.
std::uint64_t hash_of(const Element& element, const std::byte* at) {
    if (element.is_text()) {
        const auto text = text_at(at, element.dims.back());
        return xxh3(std::as_bytes(std::span(text.data(), text.size())));
    }
    if (is_identity(element.type)) return xxh3(std::span(at, size_of(element.type)));
    std::uint64_t bits = 0;
    const auto number = load(element.type, at);
    if (const auto* real = std::get_if<double>(&number)) {
        bits = std::isnan(*real) ? ~std::uint64_t{0} : *real == 0 ? 0 : std::bit_cast<std::uint64_t>(*real);
    } else if (const auto* integer = std::get_if<std::int64_t>(&number)) {
        bits = static_cast<std::uint64_t>(*integer);
    } else {
        bits = std::get<std::uint64_t>(number);
    }
    return xxh3(std::as_bytes(std::span(&bits, 1)));
}

/// Goes over rows and says what is not allowed; stops when told to.
class Check {
public:
    Check(const StructDefinition& definition, const std::byte* rows, std::uint64_t num_rows,
          const std::function<bool(const LimitViolation&)>& visit)
        : definition_(definition), rows_(rows), num_rows_(num_rows), visit_(visit) {}

    void run() {
        for (const auto& element : definition_.elements) {
            for (const auto& limit : limits_of(element)) {
                if (!check(element, limit)) return;
            }
        }
        check_keys();
    }

private:
    [[nodiscard]] const std::byte* value_at(const Element& element, std::uint64_t row, std::uint64_t value) const {
        return rows_ + row * definition_.size + element.offset + value * value_size(element);
    }

    bool tell(const Element& element, std::uint64_t row, std::uint64_t value, const std::string& limit) const {
        LimitViolation violation{element.path, row, {}, text_of(element, value_at(element, row, value)), limit};
        const auto rank = num_indices(element);
        violation.index.resize(rank);
        for (std::size_t d = rank; d-- > 0;) {
            violation.index[d] = value % element.dims[d];
            value /= element.dims[d];
        }
        return visit_(violation);
    }

    bool check(const Element& element, const Limit& limit) {
        switch (limit.kind) {
            case Kind::Unique:
                return check_unique(element, limit);
            case Kind::Increasing:
                return check_increasing(element, limit);
            default:
                break;
        }
        const auto count = num_values(element);
        for (std::uint64_t row = 0; row < num_rows_; ++row) {
            for (std::uint64_t value = 0; value < count; ++value) {
                if (!allows(element, limit, value_at(element, row, value)) && !tell(element, row, value, limit.text))
                    return false;
            }
        }
        return true;
    }

    static bool allows(const Element& element, const Limit& limit, const std::byte* at) {
        if (limit.kind == Kind::NotNan) return !is_nan_at(element, at);
        if (limit.kind == Kind::OneOf) {
            return std::ranges::any_of(limit.values,
                                       [&](const Bytes& value) { return same_value(element, value.data(), at); });
        }
        const auto number = load(element.type, at);
        if (is_nan_at(element, at)) return true;  // that is what `not nan` is for
        const bool above = !limit.low ? limit.with_low || !is_infinite(number, true)
                                      : (limit.with_low ? number >= *limit.low : number > *limit.low);
        const bool below = !limit.high ? limit.with_high || !is_infinite(number, false)
                                       : (limit.with_high ? number <= *limit.high : number < *limit.high);
        return above && below;
    }

    static bool is_infinite(const Number& number, bool negative) noexcept {
        const auto* real = std::get_if<double>(&number);
        return real != nullptr && std::isinf(*real) && std::signbit(*real) == negative;
    }

    /// Values of a scalar over the rows; of an array those in each row.
    bool check_increasing(const Element& element, const Limit& limit) {
        const auto count = num_values(element);
        const bool in_row = num_indices(element) > 0;
        for (std::uint64_t row = 0; row < num_rows_; ++row) {
            for (std::uint64_t value = 0; value < count; ++value) {
                const auto* at = value_at(element, row, value);
                const bool is_first = in_row ? value == 0 : row == 0;
                const auto* before = is_first ? nullptr
                                     : in_row ? value_at(element, row, value - 1)
                                              : value_at(element, row - 1, 0);
                const bool good = !is_nan_at(element, at) &&
                                  (before == nullptr || load(element.type, before) < load(element.type, at));
                if (!good && !tell(element, row, value, limit.text)) return false;
            }
        }
        return true;
    }

    bool check_unique(const Element& element, const Limit& limit) {
        const auto count = num_values(element);
        if (num_indices(element) == 0) {
            return visit_repeated(
                num_rows_, [&](std::uint64_t row) { return hash_of(element, value_at(element, row, 0)); },
                [&](std::uint64_t a, std::uint64_t b) {
                    return same_value(element, value_at(element, a, 0), value_at(element, b, 0));
                },
                [&](std::uint64_t row, std::uint64_t first) {
                    return tell(element, row, 0, fmt::format("{}: as in row {}", limit.text, first));
                });
        }
        for (std::uint64_t row = 0; row < num_rows_; ++row) {
            const bool goes_on = visit_repeated(
                count, [&](std::uint64_t value) { return hash_of(element, value_at(element, row, value)); },
                [&](std::uint64_t a, std::uint64_t b) {
                    return same_value(element, value_at(element, row, a), value_at(element, row, b));
                },
                [&](std::uint64_t value, std::uint64_t) { return tell(element, row, value, limit.text); });
            if (!goes_on) return false;
        }
        return true;
    }

    void check_keys() {
        const auto keys = key_elements(definition_);
        if (keys.empty()) return;
        std::string path;
        for (const auto* key : keys) path += (path.empty() ? "" : ", ") + key->path;
        const auto hash = [&](std::uint64_t row) {
            std::uint64_t all = 0;
            for (const auto* key : keys) all = all * 0x9E3779B97F4A7C15U + hash_of(*key, value_at(*key, row, 0));
            return all;
        };
        const auto same = [&](std::uint64_t a, std::uint64_t b) {
            return std::ranges::all_of(
                keys, [&](const Element* key) { return same_value(*key, value_at(*key, a, 0), value_at(*key, b, 0)); });
        };
        (void)visit_repeated(num_rows_, hash, same, [&](std::uint64_t row, std::uint64_t first) {
            std::string value;
            for (const auto* key : keys) value += (value.empty() ? "" : ", ") + text_of(*key, value_at(*key, row, 0));
            return visit_({path, row, {}, value, fmt::format("key: as row {}", first)});
        });
    }

    /// Calls `tell(n, first)` for every n in [0, count) that is the same as an earlier one, in order of n. False when
    /// that stopped it.
    template <class Hash, class Same, class Tell>
    static bool visit_repeated(std::uint64_t count, const Hash& hash, const Same& same, const Tell& tell) {
        struct Entry {
            std::uint64_t hash;
            std::uint64_t number;
        };
        std::vector<Entry> entries(count);
        for (std::uint64_t n = 0; n < count; ++n) entries[n] = {hash(n), n};
        std::ranges::sort(entries, [](const Entry& a, const Entry& b) {
            return a.hash != b.hash ? a.hash < b.hash : a.number < b.number;
        });
        std::vector<std::pair<std::uint64_t, std::uint64_t>> repeated;
        for (std::size_t begin = 0; begin < entries.size();) {
            auto end = begin + 1;
            while (end < entries.size() && entries[end].hash == entries[begin].hash) ++end;
            std::vector<std::uint64_t> firsts;  // of equal values; mostly one
            for (auto i = begin; i < end; ++i) {
                const auto first =
                    std::ranges::find_if(firsts, [&](std::uint64_t one) { return same(one, entries[i].number); });
                if (first == firsts.end()) {
                    firsts.push_back(entries[i].number);
                } else {
                    repeated.emplace_back(entries[i].number, *first);
                }
            }
            begin = end;
        }
        std::ranges::sort(repeated);
        return std::ranges::all_of(repeated, [&](const auto& one) { return tell(one.first, one.second); });
    }

    const StructDefinition& definition_;
    const std::byte* rows_;
    std::uint64_t num_rows_;
    const std::function<bool(const LimitViolation&)>& visit_;
};

}  // namespace

LimitText read_limits(const Element& element, std::string_view text) {
    LimitText result;
    for (const auto part : split(text, ';')) {
        if (part.empty()) continue;
        auto read = read_one(element, part);
        if (!read.limit) return {{}, std::move(read.problem), read.is_prose};
        result.limits.push_back(std::move(read.limit->text));
    }
    if (result.limits.empty()) return {{}, "nothing stands behind it", true};
    return result;
}

std::vector<std::string> validate_limits(const StructDefinition& definition) {
    std::vector<std::string> findings;
    std::vector<std::uint32_t> positions;
    for (const auto& element : definition.elements) {
        const auto find = [&](const std::string& what) {
            findings.push_back(fmt::format("element {}: {}", utf8_text(element.path), what));
        };
        for (const auto& limit : element.limits) {
            const auto read = read_one(element, limit);
            if (!read.limit) {
                find("limits: " + read.problem);
            } else if (read.limit->text != limit) {
                find(fmt::format("limits: '{}' is written '{}'", limit, read.limit->text));
            }
        }
        if (element.key == 0) continue;
        positions.push_back(element.key);
        if (num_indices(element) > 0 || element.path.find('[') != std::string::npos) {
            find(
                "a key on an array: a key is one value of a row; make the items rows of their own, or take another "
                "member");
        } else if (is_float(element.type)) {
            find("a key that is a float: keys are integers, enumerations, truth values or text");
        }
    }
    std::ranges::sort(positions);
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (positions[i] == i + 1) continue;
        findings.push_back(
            fmt::format("the keys have the positions {}: they are 1, 2, ..., each once", fmt::join(positions, ", ")));
        break;
    }
    return findings;
}

std::vector<const Element*> key_elements(const StructDefinition& definition) {
    std::vector<const Element*> keys;
    for (const auto& element : definition.elements) {
        if (element.key != 0) keys.push_back(&element);
    }
    std::ranges::sort(keys, {}, &Element::key);
    return keys;
}

bool has_limits(const StructDefinition& definition) noexcept {
    return std::ranges::any_of(definition.elements,
                               [](const Element& element) { return element.key != 0 || !element.limits.empty(); });
}

void check_limits(const StructDefinition& definition, const std::byte* rows, std::uint64_t num_rows,
                  const std::function<bool(const LimitViolation&)>& visit) {
    if (has_limits(definition)) Check(definition, rows, num_rows, visit).run();
}

std::string describe(const LimitViolation& violation) {
    std::string index;
    for (const auto one : violation.index) index += fmt::format("[{}]", one);
    return fmt::format("{}{} of row {} is {}: {}", violation.path, index, violation.row, violation.value,
                       violation.limit);
}

}  // namespace etalon::schema
