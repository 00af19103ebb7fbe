#include "schema/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/nearest.h"
#include "base/number_text.h"

namespace etalon::schema {
namespace {

constexpr std::size_t kLongestGuess = 200;  // bytes of an unknown name that is worth comparing
constexpr std::size_t kMostGuesses = 3;     // unknown names that get an advice

/// Takes the last `[digits]` from a name; nothing when there is none as Etalon writes it (no sign, no leading zero).
std::optional<std::uint64_t> take_index(std::string_view& name) noexcept {
    if (!name.ends_with(']')) return std::nullopt;
    const auto open = name.rfind('[');
    if (open == std::string_view::npos) return std::nullopt;
    const auto digits = name.substr(open + 1, name.size() - open - 2);
    if (digits.empty() || digits.front() < '0' || digits.front() > '9') return std::nullopt;
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    const auto index = parse_integer<std::uint64_t>(digits);
    if (index) name = name.substr(0, open);
    return index;
}

}  // namespace

ColumnIndex::ColumnIndex(const StructDefinition& definition) {
    elements_.reserve(definition.elements.size());
    for (const auto& element : definition.elements) {
        elements_.emplace(element.path, &element);
        num_columns_ += num_values(element);
    }
}

const Element* ColumnIndex::find_element(std::string_view path) const {
    const auto found = elements_.find(path);
    return found == elements_.end() ? nullptr : found->second;
}

std::optional<Cell> ColumnIndex::find(std::string_view column) const {
    // Indices are taken from the back: the last one moves fastest.
    std::string_view path = column;
    std::vector<std::uint64_t> indices;
    while (const auto index = take_index(path)) indices.push_back(*index);
    const Element* const element = find_element(path);
    if (element == nullptr || num_indices(*element) != indices.size()) return std::nullopt;
    std::uint64_t flat = 0;
    std::uint64_t stride = 1;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::uint64_t dim = element->dims[indices.size() - 1 - i];
        if (indices[i] >= dim) return std::nullopt;
        flat += indices[i] * stride;
        stride *= dim;
    }
    return cell_of(*element, flat);
}

Cell cell_of(const Element& element, std::uint64_t index) noexcept {
    const std::uint64_t size = value_size(element);
    return {element.offset + index * size, element.is_text() ? size : 0, element.type,
            element.enumerators.empty() ? nullptr : &element};
}

void append_indices(std::string& out, const Element& element, std::uint64_t index) {
    const std::size_t rank = num_indices(element);
    std::uint64_t stride = num_values(element);
    for (std::size_t i = 0; i < rank; ++i) {
        stride /= element.dims[i];
        out += '[';
        append_integer(out, index / stride);
        out += ']';
        index %= stride;
    }
}

void for_each_column(const StructDefinition& definition, const std::function<bool(const std::string&)>& use) {
    std::string name;
    for (const auto& element : definition.elements) {
        const std::uint64_t count = num_values(element);
        for (std::uint64_t i = 0; i < count; ++i) {
            name = element.path;
            append_indices(name, element, i);
            if (!use(name)) return;
        }
    }
}

void NameList::add(std::string_view name) {
    ++total;
    if (first.size() < kMost) first.emplace_back(name);
}

std::string NameList::text() const {
    std::string out;
    for (std::size_t i = 0; i < first.size(); ++i) out += (i == 0 ? "" : ", ") + first[i];
    if (total > first.size()) out += fmt::format(" and {} more", total - first.size());
    return out;
}

namespace {

/// The first part of a name: `hit` of `hit[2].x`.
std::string_view head_of(std::string_view name) {
    return name.substr(0, name.find_first_of("[."));
}

/// Whether a name is nearly a known one, or begins as one does: a slip, not a file of another kind.
bool has_slip(const std::vector<std::string>& names, const std::vector<std::string>& known) {
    constexpr std::size_t kLeast = 6;  // a short word is near to many
    return std::ranges::any_of(names, [&](const auto& name) {
        if (name.size() >= kLeast && name.size() <= kLongestGuess && !nearest(name, known, 1).empty()) return true;
        return std::ranges::any_of(known, [&](const auto& one) { return head_of(one) == head_of(name); });
    });
}

}  // namespace

Error misfit(std::string where, std::string_view noun, const StructDefinition& definition, const NameList& missing,
             const NameList& unknown, const std::vector<std::string>& known, bool knows_any) {
    ErrorInfo info;
    info.what = fmt::format("{}s do not fit struct {}", noun, definition.name);
    info.where = std::move(where);
    const auto list = [&noun](const NameList& names) {
        return fmt::format("{}{} {}", noun, names.total == 1 ? "" : "s", names.text());
    };
    if (missing.total != 0) info.expected = list(missing);
    // Of a file that has nothing of the struct, nothing is printed: it may be anything.
    if (!knows_any && unknown.total != 0 && !has_slip(unknown.first, known)) {
        info.found = fmt::format("none of the struct's {}s", noun);
        return Error(ErrorCode::BadInput, std::move(info));
    }
    if (unknown.total != 0) info.found = "unknown " + list(unknown);
    if (unknown.total == 0) info.found = missing.total == 1 ? "no such " + std::string(noun) : "none of them";
    for (std::size_t i = 0; i < std::min(kMostGuesses, unknown.first.size()); ++i) {
        const auto& name = unknown.first[i];
        if (name.size() > kLongestGuess) continue;
        auto guess = did_you_mean(name, missing.first);
        if (guess.empty()) guess = did_you_mean(name, known);
        if (guess.empty()) continue;
        if (!info.advice.empty()) info.advice += ' ';
        info.advice += fmt::format("{}: {}", name, guess);
    }
    return Error(ErrorCode::BadInput, std::move(info));
}

}  // namespace etalon::schema
