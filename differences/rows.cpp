#include "differences/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/identity.h"
#include "base/number_text.h"
#include "base/numbers.h"
#include "etalon/error.h"
#include "schema/value_text.h"

namespace etalon::differences {
namespace {

template <class T>
bool is_same(T x, T y) noexcept {
    if constexpr (std::is_floating_point_v<T>) {
        return x == y || (std::isnan(x) && std::isnan(y));
    } else {
        return x == y;
    }
}

/// |x - y|, exactly.
template <class T>
std::uint64_t magnitude_of(T x, T y) noexcept {
    // Conversion to unsigned is modulo 2^64, and so is the difference: right whenever the larger one comes first.
    const auto low = static_cast<std::uint64_t>(std::min(x, y));
    return static_cast<std::uint64_t>(std::max(x, y)) - low;
}

/// True when a whole number is at most a limit that is not negative.
bool is_within(std::uint64_t number, double limit) noexcept {
    constexpr double kEnd = 18446744073709551616.0;  // 2^64
    return limit >= kEnd || number <= static_cast<std::uint64_t>(limit);
}

template <class T>
bool is_close(T x, T y, double absolute, double relative) noexcept {
    if constexpr (std::is_same_v<T, bool>) {
        return false;
    } else {
        const auto a = static_cast<double>(x);
        const auto b = static_cast<double>(y);
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(a) || !std::isfinite(b)) return false;
        }
        const double larger = std::max(std::fabs(a), std::fabs(b));
        // 0 * inf is NaN, and says nothing.
        const double of_size = relative == 0 || larger == 0 ? 0 : relative * larger;
        const double limit = std::max(of_size, absolute);
        if constexpr (std::is_floating_point_v<T>) {
            return std::fabs(a - b) <= limit;
        } else {
            return is_within(magnitude_of(x, y), limit);
        }
    }
}

std::string_view text_of(const Element& element, const std::byte* at) noexcept {
    return schema::text_at(at, schema::value_size(element));
}

/// Marks the values that `name`, an element with what of it, means: `gain`, `gain[3:]`, `m[:][2]`, `m[5:8]`.
void mark_absent(std::string_view name, const Element& element, Stored without, std::vector<Stored>& stored) {
    if (!name.starts_with(element.path)) return;
    auto rest = name.substr(element.path.size());
    if (!rest.empty() && rest.front() != '[') return;
    struct Range {
        std::uint64_t first;
        std::uint64_t last;
    };
    std::vector<Range> ranges;
    const auto number = [](std::string_view text, std::uint64_t otherwise) {
        return text.empty() ? std::optional<std::uint64_t>(otherwise) : parse_integer<std::uint64_t>(text);
    };
    const auto num_indices = schema::num_indices(element);
    while (!rest.empty()) {
        const auto end = rest.find(']');
        if (rest.front() != '[' || end == std::string_view::npos || ranges.size() == num_indices) return;
        const auto inside = rest.substr(1, end - 1);
        const auto colon = inside.find(':');
        const auto size = element.dims[ranges.size()];
        const auto first = number(inside.substr(0, colon), 0);
        const auto last = colon == std::string_view::npos ? first.value_or(0) + 1
                                                          : number(inside.substr(colon + 1), size).value_or(size);
        if (!first) return;
        ranges.push_back({*first, std::min(last, size)});
        rest.remove_prefix(end + 1);
    }
    while (ranges.size() < num_indices) ranges.push_back({0, element.dims[ranges.size()]});
    if (stored.empty()) stored.assign(schema::num_values(element), Stored::Both);
    for (std::uint64_t value = 0; value < stored.size(); ++value) {
        auto index = value;
        bool inside = true;
        for (std::size_t d = num_indices; d-- > 0;) {
            const auto i = index % element.dims[d];
            index /= element.dims[d];
            inside = inside && i >= ranges[d].first && i < ranges[d].last;
        }
        if (inside) {
            stored[value] =
                static_cast<Stored>(static_cast<std::uint8_t>(stored[value]) | static_cast<std::uint8_t>(without));
        }
    }
}

/// Calls `found(value)` for each value of the member that differs.
template <class T, class Found>
void compare_numbers(const MemberPlan& member, const std::byte* a, const std::byte* b, const Found& found) {
    for (std::uint64_t i = 0; i < member.count; ++i, a += sizeof(T), b += sizeof(T)) {
        if (!member.stored.empty() && member.stored[i] != Stored::Both) {
            if (member.stored[i] != Stored::Neither) found(i, a, b);
            continue;
        }
        const T x = load_number<T>(a);
        const T y = load_number<T>(b);
        if (is_same(x, y)) continue;
        if (member.has_limits && is_close(x, y, member.absolute.of(i), member.relative.of(i))) continue;
        found(i, a, b);
    }
}

template <class Found>
void compare_texts(const MemberPlan& member, const std::byte* a, const std::byte* b, const Found& found) {
    for (std::uint64_t i = 0; i < member.count; ++i, a += member.value_size, b += member.value_size) {
        const auto stored = member.stored.empty() ? Stored::Both : member.stored[i];
        if (stored == Stored::Neither) continue;
        if (stored == Stored::Both && text_of(*member.element, a) == text_of(*member.element, b)) continue;
        found(i, a, b);
    }
}

template <class Found>
void compare_identities(const MemberPlan& member, const std::byte* a, const std::byte* b, const Found& found) {
    for (std::uint64_t i = 0; i < member.count; ++i, a += member.value_size, b += member.value_size) {
        const auto stored = member.stored.empty() ? Stored::Both : member.stored[i];
        if (stored == Stored::Neither) continue;
        if (stored == Stored::Both && std::memcmp(a, b, member.value_size) == 0) continue;
        found(i, a, b);
    }
}

/// The keys of all rows of one side, and where each is.
class KeyIndex {
public:
    KeyIndex(const RowsOfSide& rows, const StructDefinition& layout, const std::vector<const Element*>& key) {
        for (const auto* element : key) width_ += schema::value_size(*element);
        bytes_.resize(width_ * rows.num_rows);
        auto* to = bytes_.data();
        for (std::uint64_t r = 0; r < rows.num_rows; ++r) {
            for (const auto* element : key) to = append(*element, rows.begin() + r * layout.size + element->offset, to);
        }
        slots_.assign(std::bit_ceil(rows.num_rows * 2 + 1), kNone);
        for (std::uint64_t r = 0; r < rows.num_rows; ++r) {
            auto& slot = slots_[find_slot(key_of(r))];
            if (slot != kNone) throw_twice(rows, layout, key, slot, r);
            slot = r;
        }
    }

    [[nodiscard]] std::span<const std::byte> key_of(std::uint64_t row) const {
        return std::span(bytes_).subspan(row * width_, width_);
    }
    /// The row with that key.
    [[nodiscard]] std::optional<std::uint64_t> find(std::span<const std::byte> key) const {
        const auto row = slots_[find_slot(key)];
        return row == kNone ? std::nullopt : std::optional(row);
    }

private:
    static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

    /// Equal values become equal bytes; returns what is behind them.
    static std::byte* append(const Element& element, const std::byte* at, std::byte* to) {
        const auto size = schema::value_size(element);
        if (element.is_text()) {
            const auto text = text_of(element, at);
            std::memset(to, 0, size);
            std::memcpy(to, text.data(), text.size());
            return to + size;
        }
        if (is_identity(element.type)) {
            std::memcpy(to, at, size);
            return to + size;
        }
        with_number_type(element.type, [&](auto kind) {
            using T = decltype(kind);
            T value = load_number<T>(at);
            if constexpr (std::is_floating_point_v<T>) {
                if (std::isnan(value)) value = std::numeric_limits<T>::quiet_NaN();
                if (value == 0) value = 0;
            }
            store_number(to, value);
        });
        return to + size;
    }

    [[nodiscard]] std::size_t find_slot(std::span<const std::byte> key) const {
        const auto mask = slots_.size() - 1;
        for (auto slot = xxh3(key) & mask;; slot = (slot + 1) & mask) {
            if (slots_[slot] == kNone || std::ranges::equal(key_of(slots_[slot]), key)) return slot;
        }
    }

    [[noreturn]] static void throw_twice(const RowsOfSide& rows, const StructDefinition& layout,
                                         const std::vector<const Element*>& key, std::uint64_t one,
                                         std::uint64_t other) {
        std::string text;
        for (const auto* element : key) {
            text += (text.empty() ? "" : ", ") + element->path + " = ";
            const auto* at = rows.begin() + other * layout.size + element->offset;
            if (element->is_text()) {
                text += schema::shown(text_of(*element, at));
                continue;
            }
            if (is_identity(element->type)) {
                text += identity_text(element->type, at);
                continue;
            }
            with_number_type(element->type, [&](auto kind) {
                const auto value = load_number<decltype(kind)>(at);
                if constexpr (std::is_floating_point_v<decltype(kind)>) {
                    append_float(text, value);
                } else {
                    append_integer(
                        text,
                        static_cast<std::conditional_t<std::is_same_v<decltype(kind), bool>, int, decltype(kind)>>(
                            value));
                }
            });
        }
        throw Error(ErrorCode::Usage,
                    {"two rows of one side have the same key",
                     fmt::format("rows {} and {} of {}", one, other, rows.what), "keys that tell rows apart", text,
                     "name other members with --key, or compare rows by their position with --by-position"});
    }

    std::size_t width_ = 0;
    std::vector<std::byte> bytes_;
    std::vector<std::uint64_t> slots_;
};

}  // namespace

RowComparison::RowComparison(DefinitionPtr layout, const RowsOfSide& before, const RowsOfSide& after,
                             const DiffOptions& options, std::vector<bool>& used)
    : layout_(std::move(layout)) {
    std::vector<bool> of_absolute(options.absolute.size());
    std::vector<bool> of_relative(options.relative.size());
    used.resize(of_absolute.size() + of_relative.size());
    for (const auto& element : layout_->elements) {
        MemberPlan member;
        member.element = &element;
        member.count = schema::num_values(element);
        member.value_size = schema::value_size(element);
        for (const auto& name : before.absent) mark_absent(name, element, Stored::After, member.stored);
        for (const auto& name : after.absent) mark_absent(name, element, Stored::Before, member.stored);
        member.compared = member.count - static_cast<std::uint64_t>(std::ranges::count(member.stored, Stored::Neither));
        same_stored_ = same_stored_ && std::ranges::all_of(member.stored, [](Stored stored) {
                           return stored == Stored::Both || stored == Stored::Neither;
                       });
        member.absolute = limits_for(element, options.absolute, of_absolute);
        member.relative = limits_for(element, options.relative, of_relative);
        const auto is_zero = [](double limit) { return limit == 0; };
        member.has_limits = !std::ranges::all_of(member.absolute.limits, is_zero) ||
                            !std::ranges::all_of(member.relative.limits, is_zero);
        members_.push_back(std::move(member));
    }
    for (std::size_t i = 0; i < of_absolute.size(); ++i) used[i] = used[i] || of_absolute[i];
    for (std::size_t i = 0; i < of_relative.size(); ++i)
        used[of_absolute.size() + i] = used[of_absolute.size() + i] || of_relative[i];
    const auto* key = find_key(options.keys, layout_->name);
    if (key == nullptr) {
        if (!options.by_position) take_declared_key();
        return;
    }
    key_ = key_elements(*key, *layout_);
    for (const auto* element : key_) {
        const auto& member = members_[static_cast<std::size_t>(element - layout_->elements.data())];
        if (member.stored.empty() || member.stored.front() == Stored::Both) continue;
        const auto side = member.stored.front() == Stored::After ? before.what : after.what;
        throw Error(ErrorCode::Usage,
                    {"a key that was not stored", fmt::format("{} of {}", element->path, side),
                     "a member that both sides have stored", "absent",
                     "name other members with --key, or compare rows by their position with --by-position"});
    }
}

void RowComparison::take_declared_key() {
    for (const auto& member : members_) {
        if (member.element->key == 0) continue;
        key_.push_back(member.element);
        // In a layout without it rows had their positions only.
        if (!member.stored.empty() && member.stored.front() != Stored::Both) {
            key_.clear();
            return;
        }
    }
    std::ranges::sort(key_, {}, &Element::key);
}

std::uint64_t RowComparison::run(const RowsOfSide& before, const RowsOfSide& after, RowSink& sink) const {
    return key_.empty() ? run_by_position(before, after, sink) : run_by_key(before, after, sink);
}

void RowComparison::compare(const std::byte* a, const std::byte* b, std::uint64_t row, std::uint64_t other,
                            RowSink& sink) const {
    for (std::size_t m = 0; m < members_.size(); ++m) {
        const auto& member = members_[m];
        const auto& element = *member.element;
        const auto* x = a + element.offset;
        const auto* y = b + element.offset;
        if (member.stored.empty() && std::memcmp(x, y, member.count * member.value_size) == 0) continue;
        const auto found = [&](std::uint64_t value, const std::byte* before, const std::byte* after) {
            sink.value(
                {m, value, row, other, before, after, a, member.stored.empty() ? Stored::Both : member.stored[value]});
        };
        if (element.is_text()) {
            compare_texts(member, x, y, found);
        } else if (is_identity(element.type)) {
            compare_identities(member, x, y, found);
        } else {
            with_number_type(element.type, [&](auto kind) { compare_numbers<decltype(kind)>(member, x, y, found); });
        }
    }
}

std::uint64_t RowComparison::run_by_position(const RowsOfSide& before, const RowsOfSide& after, RowSink& sink) const {
    // Rows of files leave memory behind what was compared.
    constexpr std::uint64_t kAtOnce = std::uint64_t{1} << 20;
    const auto size = layout_->size;
    const auto step = std::max<std::uint64_t>(1, kAtOnce / size);
    const auto common = std::min(before.num_rows, after.num_rows);
    for (std::uint64_t first = 0; first < common; first += step) {
        const auto last = std::min(first + step, common);
        const auto* a = before.begin() + first * size;
        const auto* b = after.begin() + first * size;
        if (!same_stored_ || std::memcmp(a, b, (last - first) * size) != 0) {
            for (auto row = first; row < last; ++row, a += size, b += size) {
                if (!same_stored_ || std::memcmp(a, b, size) != 0) compare(a, b, row, row, sink);
            }
        }
        let_go(before.data, before.first_byte + first * size, before.first_byte + last * size);
        let_go(after.data, after.first_byte + first * size, after.first_byte + last * size);
    }
    for (auto row = common; row < before.num_rows; ++row)
        sink.row(DiffKind::RowRemoved, row, before.begin() + row * size);
    for (auto row = common; row < after.num_rows; ++row) sink.row(DiffKind::RowAdded, row, after.begin() + row * size);
    return common;
}

std::uint64_t RowComparison::run_by_key(const RowsOfSide& before, const RowsOfSide& after, RowSink& sink) const {
    const auto size = layout_->size;
    const KeyIndex keys(before, *layout_, key_);
    const KeyIndex others(after, *layout_, key_);
    std::vector<bool> met(after.num_rows);
    std::uint64_t common = 0;
    for (std::uint64_t row = 0; row < before.num_rows; ++row) {
        const auto* a = before.begin() + row * size;
        const auto other = others.find(keys.key_of(row));
        if (!other) {
            sink.row(DiffKind::RowRemoved, row, a);
            continue;
        }
        ++common;
        met[*other] = true;
        const auto* b = after.begin() + *other * size;
        if (!same_stored_ || std::memcmp(a, b, size) != 0) compare(a, b, row, *other, sink);
    }
    for (std::uint64_t row = 0; row < after.num_rows; ++row) {
        if (!met[row]) sink.row(DiffKind::RowAdded, row, after.begin() + row * size);
    }
    return common;
}

DiffValue load_value(const Element& element, const std::byte* at) {
    if (element.is_text()) return std::string(text_of(element, at));
    if (is_identity(element.type)) return identity_text(element.type, at);
    return with_number_type(element.type, [&](auto kind) -> DiffValue {
        using T = decltype(kind);
        const T value = load_number<T>(at);
        if constexpr (std::is_same_v<T, bool> || std::is_floating_point_v<T>) {
            return value;
        } else if constexpr (std::is_signed_v<T>) {
            return static_cast<std::int64_t>(value);
        } else {
            return static_cast<std::uint64_t>(value);
        }
    });
}

DiffNumber difference_of(const Element& element, const std::byte* before, const std::byte* after) {
    if (!is_measured(element)) return NoValue{};
    return with_number_type(element.type, [&](auto kind) -> DiffNumber {
        using T = decltype(kind);
        const T x = load_number<T>(before);
        const T y = load_number<T>(after);
        if constexpr (std::is_same_v<T, bool>) {
            return NoValue{};
        } else if constexpr (std::is_floating_point_v<T>) {
            if (std::isnan(x) || std::isnan(y)) return NoValue{};
            return static_cast<double>(y) - static_cast<double>(x);
        } else {
            return IntegerDifference{y < x, magnitude_of(x, y)};
        }
    });
}

}  // namespace etalon::differences
