#pragma once
/// Parameter sets: the configuration of an algorithm as named, typed values under (software, set), with the same
/// history, snapshots, layers and version chains as all other values. docs/parameters_and_runs.md tells how.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "etalon/answer.h"
#include "etalon/interval.h"
#include "etalon/time.h"

namespace etalon {

/// One value. `int` is 64 bit; texts are UTF-8; an empty list keeps its type.
using ParameterValue = std::variant<bool, std::int64_t, double, std::string, std::vector<bool>,
                                    std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

/// The type of a value, in the order of the variant.
enum class ParameterType : std::uint8_t {
    Bool = 0,
    Int = 1,
    Double = 2,
    Text = 3,
    BoolList = 4,
    IntList = 5,
    DoubleList = 6,
    TextList = 7,
};
/// `bool`, `int`, `double`, `text`, `bool[]`, `int[]`, `double[]`, `text[]`. Persisted: they stand in stored sets.
[[nodiscard]] std::string_view name_of(ParameterType type) noexcept;
/// The type of that name, or nothing.
[[nodiscard]] std::optional<ParameterType> find_parameter_type(std::string_view name) noexcept;
[[nodiscard]] inline ParameterType type_of(const ParameterValue& value) noexcept {
    return static_cast<ParameterType>(value.index());
}
/// Equal type and equal bits: a NaN equals itself, 0.0 differs from -0.0, 1 from 1.0.
[[nodiscard]] bool same_value(const ParameterValue& a, const ParameterValue& b) noexcept;

/// One of the eight types of a ParameterValue, exactly.
template <class T>
concept ParameterAlternative =
    std::same_as<T, bool> || std::same_as<T, std::int64_t> || std::same_as<T, double> || std::same_as<T, std::string> ||
    std::same_as<T, std::vector<bool>> || std::same_as<T, std::vector<std::int64_t>> ||
    std::same_as<T, std::vector<double>> || std::same_as<T, std::vector<std::string>>;

/// Named values, in order of name (byte by byte). A plain value; reading is thread-safe.
class ParameterSet {
public:
    using Map = std::map<std::string, ParameterValue, std::less<>>;

    ParameterSet() = default;
    /// Throws as set() does, and Error(BadInput) for a name that stands twice.
    ParameterSet(std::initializer_list<std::pair<std::string, ParameterValue>> values);

    /// Adds a value, or replaces the one of that name. Throws Error(BadInput) for a name that is empty, longer than 255
    /// bytes, not UTF-8 or has control characters, and for a text that is not UTF-8.
    void set(std::string name, ParameterValue value);
    /// Removes a value; false when there is none of that name.
    bool erase(std::string_view name);

    [[nodiscard]] bool contains(std::string_view name) const noexcept { return values_.find(name) != values_.end(); }
    /// The value of that name, or null. It lives until the set changes.
    [[nodiscard]] const ParameterValue* find(std::string_view name) const noexcept;
    /// The value of that name; throws Error(Unknown) with the nearest names.
    [[nodiscard]] const ParameterValue& get_value(std::string_view name) const;
    /// The value of that name as T; throws Error(Unknown) with the nearest names, Error(Conversion) when it has another
    /// type. Nothing is converted: an int is no double.
    template <ParameterAlternative T>
    [[nodiscard]] const T& get(std::string_view name) const {
        const auto& value = get_value(name);
        if (const auto* found = std::get_if<T>(&value)) return *found;
        throw_wrong_type(name, type_of(ParameterValue(T{})), type_of(value));
    }

    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
    [[nodiscard]] Map::const_iterator begin() const noexcept { return values_.begin(); }
    [[nodiscard]] Map::const_iterator end() const noexcept { return values_.end(); }

    /// Where it came from (`reco/default`), for errors; no part of the value.
    [[nodiscard]] const std::string& origin() const noexcept { return origin_; }
    void set_origin(std::string origin) { origin_ = std::move(origin); }

    /// The same names with the same values, see same_value.
    friend bool operator==(const ParameterSet& a, const ParameterSet& b) noexcept;

private:
    [[noreturn]] void throw_wrong_type(std::string_view name, ParameterType wanted, ParameterType stored) const;

    Map values_;
    std::string origin_;
};

/// A parameter set to commit.
struct ParameterPut {
    std::string software;                ///< letters, digits, `_`, `-`, `.`; at most 100 bytes, not only dots
    std::string set = "default";         ///< the same
    std::optional<ParameterSet> values;  ///< no value: a hole, "deliberately no set here"
    Interval interval;                   ///< of validity; its axis is that of the set from the first commit on
    std::string version = "default";
    std::int64_t element = 0;
    std::optional<Time> created;  ///< creationTime; empty: the entry time
};

/// The parameter set that is valid at a position.
struct ParameterAnswer {
    std::string software;
    std::string set;
    Status status = Status::Gap;           ///< Found, Gap or Hole
    ParameterSet values;                   ///< empty unless Found (and may be empty then)
    Interval validity;                     ///< exact, as AnswerData::validity
    std::optional<Provenance> provenance;  ///< of a Found or Hole
    std::int64_t snapshot = 0;             ///< as AnswerData::snapshot
    bool settled = true;                   ///< as AnswerData::settled

    [[nodiscard]] explicit operator bool() const noexcept { return status == Status::Found; }
    /// The values; throws Error(Unknown) with the interval when there is no set.
    [[nodiscard]] const ParameterSet& get() const;
};

/// One parameter set as recorded.
struct ParameterSetInfo {
    std::string software;
    std::string set;
    Axis axis = Axis::Time;
    std::int64_t records = 0;  ///< interval records, over all versions
};

}  // namespace etalon
