#pragma once
/// The law of evolution once more, one value at a time and the obvious way: what plans, reads and views are held to.
/// Numbers go through long double, whose 64 bits of mantissa hold every value of every type.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "conversion/plan.h"
#include "etalon/definition.h"

namespace etalon::test {

/// Calls `use` with a value of the C++ type of a number.
template <class Use>
auto with_number(ScalarType type, Use use) {
    switch (type) {
        case ScalarType::Bool:
            return use(bool{});
        case ScalarType::Int8:
            return use(std::int8_t{});
        case ScalarType::UInt8:
            return use(std::uint8_t{});
        case ScalarType::Int16:
            return use(std::int16_t{});
        case ScalarType::UInt16:
            return use(std::uint16_t{});
        case ScalarType::Int32:
            return use(std::int32_t{});
        case ScalarType::UInt32:
            return use(std::uint32_t{});
        case ScalarType::Int64:
            return use(std::int64_t{});
        case ScalarType::UInt64:
            return use(std::uint64_t{});
        case ScalarType::Float32:
            return use(float{});
        case ScalarType::Float64:
            return use(double{});
        case ScalarType::Char:
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            break;
    }
    FAIL("text is no number");
    return use(bool{});
}

inline long double read_number(ScalarType type, const std::byte* at) {
    if (type == ScalarType::Bool) return *at == std::byte{0} ? 0 : 1;
    return with_number(type, [&](auto value) {
        std::memcpy(&value, at, sizeof value);
        return static_cast<long double>(value);
    });
}

/// Writes a number as the law says; returns whether it is a loss.
inline bool write_number(ScalarType type, long double value, bool from_float, std::byte* at) {
    return with_number(type, [&]<class T>(T) {
        T result{};
        bool loss = false;
        if constexpr (std::is_floating_point_v<T>) {
            result = static_cast<T>(value);
            loss = from_float ? std::isinf(result) && !std::isinf(value) : static_cast<long double>(result) != value;
        } else {
            const long double low =
                std::is_same_v<T, bool> ? 0 : static_cast<long double>(std::numeric_limits<T>::min());
            const long double high =
                std::is_same_v<T, bool> ? 1 : static_cast<long double>(std::numeric_limits<T>::max());
            if (std::isnan(value)) {
                loss = true;
            } else if (value < low || value > high) {
                loss = true;
                result = value < low ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
            } else {
                loss = std::trunc(value) != value;
                result = static_cast<T>(std::trunc(value));
            }
        }
        std::memcpy(at, &result, sizeof result);
        return loss;
    });
}

/// True when every value of `from` is one of `to`, by what their types say of themselves.
inline bool holds_all(ScalarType from, ScalarType to) {
    if (from == ScalarType::Char || to == ScalarType::Char) return from == to;
    return with_number(from, [&]<class From>(From) {
        return with_number(to, []<class To>(To) {
            using A = std::numeric_limits<From>;
            using B = std::numeric_limits<To>;
            if (std::is_same_v<From, To>) return true;
            if (std::is_same_v<To, bool>) return false;
            if (!A::is_integer && B::is_integer) return false;
            return A::digits <= B::digits &&
                   static_cast<long double>(A::lowest()) >= static_cast<long double>(B::lowest());
        });
    });
}

/// Units of length that the tests use, and nothing else: how many of the smallest one each is.
inline std::optional<double> length_in_mm(const std::string& unit) {
    static const std::map<std::string, double> kUnits{{"mm", 1}, {"cm", 10}, {"m", 1000}, {"km", 1e6}};
    const auto at = kUnits.find(unit);
    if (at == kUnits.end()) return std::nullopt;
    return at->second;
}

inline double in_other_unit(double value, const std::string& from, const std::string& to) {
    const double before = *length_in_mm(from);
    const double after = *length_in_mm(to);
    return before > after ? value * (before / after) : value / (after / before);
}

/// Integers become integers exactly: cut towards zero, and true when something was cut off.
inline std::pair<long double, bool> whole_in_other_unit(long double value, const std::string& from,
                                                        const std::string& to) {
    __extension__ using Wide = __int128;
    const Wide product = static_cast<Wide>(value) * static_cast<Wide>(*length_in_mm(from));
    const auto after = static_cast<Wide>(*length_in_mm(to));
    return {static_cast<long double>(product / after), product % after != 0};
}

/// Dimensions of values: without the capacity of text.
inline std::vector<std::uint64_t> value_dims(const Element& element) {
    auto dims = element.dims;
    if (element.is_text()) dims.pop_back();
    return dims;
}

/// The verdict of reading one element as another.
inline evolution::Verdict verdict_of(const Element& from, const Element& to) {
    using evolution::Verdict;
    auto verdict = Verdict::Identical;
    const auto at_least = [&](Verdict one) { verdict = std::max(verdict, one); };
    if (from.is_text() != to.is_text()) at_least(Verdict::Refused);
    if (from.type != to.type && !from.is_text() && !to.is_text()) {
        at_least(holds_all(from.type, to.type) ? Verdict::Automatic : Verdict::Checked);
    }
    if (value_dims(from).size() != value_dims(to).size()) {
        at_least(Verdict::NeedsRule);
    } else if (value_dims(from) != value_dims(to)) {
        at_least(Verdict::Automatic);
    }
    if (from.is_text() && to.is_text() && from.dims.back() != to.dims.back()) {
        at_least(from.dims.back() > to.dims.back() ? Verdict::Checked : Verdict::Automatic);
    }
    if (from.unit != to.unit) {
        const bool convertible = length_in_mm(from.unit) && length_in_mm(to.unit) && !from.is_text() && !to.is_text() &&
                                 (from.enumerators.empty() || to.enumerators.empty());
        at_least(!convertible ? Verdict::NeedsRule : is_float(to.type) ? Verdict::Automatic : Verdict::Checked);
    }
    if (from.enumerators != to.enumerators) {
        at_least(from.enumerators.empty() || to.enumerators.empty() ? Verdict::Automatic : Verdict::Checked);
    }
    return verdict;
}

inline const Element* find_element(const StructDefinition& definition, const std::string& path) {
    for (const auto& element : definition.elements) {
        if (element.path == path) return &element;
    }
    return nullptr;
}

/// The verdict of reading one layout as another, without renames.
inline evolution::Verdict verdict_of(const StructDefinition& from, const StructDefinition& to) {
    auto verdict = evolution::Verdict::Identical;
    for (const auto& element : to.elements) {
        const auto* stored = find_element(from, element.path);
        verdict = std::max(verdict, stored == nullptr ? evolution::Verdict::Automatic : verdict_of(*stored, element));
    }
    for (const auto& element : from.elements) {
        if (find_element(to, element.path) == nullptr) verdict = std::max(verdict, evolution::Verdict::Automatic);
    }
    return verdict;
}

inline std::vector<std::uint64_t> index_of(std::uint64_t flat, const std::vector<std::uint64_t>& dims) {
    std::vector<std::uint64_t> index(dims.size());
    for (std::size_t d = dims.size(); d-- > 0;) {
        index[d] = flat % dims[d];
        flat /= dims[d];
    }
    return index;
}

inline std::uint64_t item_size(const Element& element) {
    return element.is_text() ? element.dims.back() : size_of(element.type);
}
inline std::uint64_t item_count(const Element& element) {
    return element.is_text() ? element.count() / element.dims.back() : element.count();
}

/// Lost is what `lenient` allows; Unknown, an enumerator without a name here, is an error always.
enum class ItemFate : std::uint8_t { Stored, Lost, Unknown, Absent };

/// One value of an element whose verdict is at most Checked, from a row of the stored layout into `target` (item_size
/// bytes); an absent one gets the default, a lost one what `lenient` gives.
inline ItemFate convert_item(const Element* stored, const Element& asked, const std::byte* from_row, std::uint64_t flat,
                             std::byte* target) {
    const std::uint64_t to_size = item_size(asked);
    std::memset(target, 0, to_size);
    const auto to_dims = value_dims(asked);
    const auto index = index_of(flat, to_dims);
    bool stored_too = stored != nullptr;
    std::uint64_t from_flat = 0;
    for (std::size_t d = 0; stored_too && d < index.size(); ++d) {
        stored_too = index[d] < stored->dims[d];
        from_flat = from_flat * stored->dims[d] + index[d];
    }
    if (!stored_too) {
        if (asked.default_value) {
            if (asked.is_text()) {
                // In the text form of CSV: in quotes.
                const auto& text = *asked.default_value;
                std::memcpy(target, text.data() + 1, text.size() - 2);
            } else {
                const char* text = asked.default_value->c_str();
                // Of a list the item behind as many commas.
                if (*text == '{') {
                    ++text;
                    for (auto skip = flat; skip > 0; --skip) text = std::strchr(text, ',') + 1;
                }
                (void)write_number(asked.type, std::strtold(text, nullptr), true, target);
            }
        }
        return ItemFate::Absent;
    }
    const std::byte* source = from_row + stored->offset + from_flat * item_size(*stored);
    const auto fate = [](bool loss) { return loss ? ItemFate::Lost : ItemFate::Stored; };
    if (asked.is_text()) {
        const auto* begin = reinterpret_cast<const char*>(source);
        const std::string text(begin, strnlen(begin, item_size(*stored)));
        std::memcpy(target, text.data(), std::min<std::size_t>(text.size(), to_size));
        return fate(text.size() > to_size);
    }
    if (stored->unit != asked.unit) {
        const long double exact = read_number(stored->type, source);
        if (is_integer(stored->type) && is_integer(asked.type)) {
            const auto [whole, is_cut] = whole_in_other_unit(exact, stored->unit, asked.unit);
            return fate(write_number(asked.type, whole, false, target) || is_cut);
        }
        const auto value = static_cast<double>(exact);
        const double converted = in_other_unit(value, stored->unit, asked.unit);
        bool loss = !is_float(stored->type) && static_cast<long double>(value) != exact;
        loss = loss || (std::isfinite(value) && !std::isfinite(converted));
        return fate(write_number(asked.type, converted, true, target) || loss);
    }
    if (stored->enumerators != asked.enumerators && !stored->enumerators.empty() && !asked.enumerators.empty()) {
        const long double value = read_number(stored->type, source);
        for (const auto& [name, number] : stored->enumerators) {
            if (static_cast<long double>(number) != value) continue;
            for (const auto& [other, result] : asked.enumerators) {
                if (other == name)
                    return fate(write_number(asked.type, static_cast<long double>(result), false, target));
            }
        }
        return ItemFate::Unknown;
    }
    if (asked.type == stored->type) {
        std::memcpy(target, source, to_size);
        return ItemFate::Stored;
    }
    return fate(write_number(asked.type, read_number(stored->type, source), is_float(stored->type), target));
}

/// What reading rows of one layout as another comes to.
struct Converted {
    Bytes rows;
    std::uint64_t losses = 0;
    std::uint64_t unknown = 0;
    std::string first_place;  ///< of a loss, `gain[2]`; empty: none
    std::uint64_t first_row = 0;
};

/// `num_rows` rows of `stored` as `asked`, of a verdict of at most Checked.
inline Converted convert_rows(const StructDefinition& stored, const StructDefinition& asked, const Bytes& from,
                              std::uint64_t num_rows) {
    Converted result;
    result.rows.resize(asked.size * num_rows);
    std::map<std::string, const Element*> by_path;
    for (const auto& element : stored.elements) by_path[element.path] = &element;
    for (std::uint64_t row = 0; row < num_rows; ++row) {
        for (const auto& to : asked.elements) {
            const auto found = by_path.find(to.path);
            for (std::uint64_t flat = 0; flat < item_count(to); ++flat) {
                std::byte* target = result.rows.data() + row * asked.size + to.offset + flat * item_size(to);
                const auto fate = convert_item(found == by_path.end() ? nullptr : found->second, to,
                                               from.data() + row * stored.size, flat, target);
                if (fate != ItemFate::Lost && fate != ItemFate::Unknown) continue;
                ++(fate == ItemFate::Lost ? result.losses : result.unknown);
                if (!result.first_place.empty()) continue;
                result.first_place = to.path;
                for (const auto i : index_of(flat, value_dims(to))) result.first_place += "[" + std::to_string(i) + "]";
                result.first_row = row;
            }
        }
    }
    return result;
}

/// Values at the edges of types as often as small ones. `pick(begin, end)` is the source of chance.
template <class Pick>
void fill_element(const Element& element, std::byte* at, bool tame, Pick&& pick) {
    if (element.is_text()) {
        const std::uint64_t capacity = element.dims.back();
        for (std::uint64_t i = 0; i < element.count() / capacity; ++i) {
            const std::uint64_t length = tame ? pick(0, 2) : pick(0, capacity + 1);
            for (std::uint64_t c = 0; c < capacity; ++c) {
                at[i * capacity + c] = c < length ? std::byte(static_cast<unsigned char>(pick(1, 256))) : std::byte{0};
            }
        }
        return;
    }
    static const long double kEdges[] = {-129,
                                         -128,
                                         127,
                                         128,
                                         255,
                                         256,
                                         -32769,
                                         65536,
                                         16777217,
                                         2147483648.0L,
                                         -2147483649.0L,
                                         4294967295.0L,
                                         4294967296.0L,
                                         9007199254740993.0L,
                                         9223372036854775807.0L,
                                         -9223372036854775808.0L,
                                         9223372036854775808.0L,
                                         18446744073709551615.0L,
                                         18446744073709551616.0L,
                                         0.5L,
                                         -0.0L,
                                         1e39L,
                                         -1e300L,
                                         1e-60L,
                                         std::numeric_limits<long double>::infinity(),
                                         std::numeric_limits<long double>::quiet_NaN()};
    for (std::uint64_t i = 0; i < element.count(); ++i) {
        const long double value =
            tame || pick(0, 2) == 0 ? static_cast<long double>(pick(0, 2)) : kEdges[pick(0, std::size(kEdges))];
        (void)write_number(element.type, value, true, at + i * size_of(element.type));
    }
}

/// Rows whose padding holds rubbish.
template <class Pick>
Bytes random_rows(const StructDefinition& definition, std::uint64_t num_rows, bool tame, Pick&& pick) {
    Bytes rows(definition.size * num_rows, std::byte{0xA5});
    for (std::uint64_t row = 0; row < num_rows; ++row) {
        for (const auto& element : definition.elements) {
            fill_element(element, rows.data() + row * definition.size + element.offset, tame, pick);
        }
    }
    return rows;
}

}  // namespace etalon::test
