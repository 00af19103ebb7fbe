#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <limits>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/numbers.h"
#include "schema/columns.h"
#include "schema/enumerators.h"
#include "schema/names.h"
#include "schema/value_text.h"
#include "text/json_rows.h"
#include "text/readers.h"
#include "text/text.h"

namespace etalon::text {
namespace {

/// The name of a place: `hit[2].x[0]`.
std::string name_of_place(const JsonPlace& place) {
    std::string name(place.path);
    for (const auto index : place.indices) name += fmt::format("[{}]", index);
    return name;
}

bool is_below(std::string_view path, std::string_view prefix) noexcept {
    return path.starts_with(prefix) &&
           (path.size() == prefix.size() || path[prefix.size()] == '.' || path[prefix.size()] == '[');
}

/// The flattened names of the first row.
class FirstRow final : public JsonRowSink {
public:
    /// One value. What looks like `{"hex": "..."}` may be a text or a struct with a text `hex`: only a definition
    /// tells.
    struct Leaf {
        std::string name;
        bool may_be_hex = false;  ///< then `name` is without `.hex`
        bool bad = false;         ///< an index in a key: lists are lists
    };

    void begin_row() override { exists_ = true; }
    bool end_row() override { return false; }
    [[nodiscard]] bool exists() const noexcept { return exists_; }
    void value(const JsonPlace& place, const JsonValue& value) override {
        Leaf leaf{name_of_place(place), false, place.path.ends_with(']')};
        if (value.kind == JsonValue::Kind::String && place.indices.empty() && leaf.name.ends_with(kHexEnd)) {
            leaf.name.resize(leaf.name.size() - kHexEnd.size());
            leaf.may_be_hex = true;
        }
        (is_below(place.path, schema::kElementIdKey) ? element_id_ : leaves_).push_back(std::move(leaf));
    }
    void begin_list(const JsonPlace&) override {}
    void end_list(const JsonPlace&, std::uint64_t) override {}
    ObjectForm begin_object(const JsonPlace&) override { return ObjectForm::Members; }
    void hex_text(const JsonPlace&, std::string_view) override {}
    bool ignores(std::string_view) override { return false; }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        names.reserve(leaves_.size());
        for (const auto& leaf : leaves_) names.push_back(leaf.name);
        return names;
    }

    [[nodiscard]] bool fits(const StructDefinition& definition) const {
        const schema::ColumnIndex index(definition);
        const auto is_file = [&index](std::string_view name, std::string_view end) {
            if (!name.ends_with(end)) return false;
            const auto cell = index.find(std::string(name.substr(0, name.size() - end.size())));
            return cell && cell->type == ScalarType::File;
        };
        std::size_t num_sizes = 0;  // second values of `{"sha256": "...", "size": N}`
        const auto known = [&](const Leaf& leaf) {
            if (leaf.bad) return false;
            if (is_file(leaf.name, kSha256End)) return true;
            if (is_file(leaf.name, kSizeEnd)) {
                ++num_sizes;
                return true;
            }
            const auto cell = index.find(leaf.name);
            if (!leaf.may_be_hex) return cell.has_value();
            return (cell && cell->type == ScalarType::Char) || index.find(leaf.name + std::string(kHexEnd)).has_value();
        };
        // The key elementID is data only for a struct that has it.
        const bool has_id = std::ranges::any_of(
            definition.elements, [](const Element& element) { return is_below(element.path, schema::kElementIdKey); });
        const std::size_t num_names = leaves_.size() + (has_id ? element_id_.size() : 0);
        return std::ranges::all_of(leaves_, known) && (!has_id || std::ranges::all_of(element_id_, known)) &&
               num_names - num_sizes == index.num_columns();
    }

private:
    static constexpr std::string_view kHexEnd = ".hex";
    static constexpr std::string_view kSha256End = ".sha256";
    static constexpr std::string_view kSizeEnd = ".size";

    bool exists_ = false;
    std::vector<Leaf> leaves_;
    std::vector<Leaf> element_id_;
};

/// Fills rows of a layout.
class RowFiller final : public JsonRowSink {
public:
    RowFiller(const DefinitionPtr& layout, const JsonRowWalker& walker, const TakeRows& take, NamelessValues& nameless)
        : layout_(*layout),
          walker_(walker),
          take_(take),
          nameless_(nameless),
          rows_(layout),
          seen_in_(layout->elements.size(), 0) {
        keys_.reserve(layout_.elements.size());
        // Keys are UTF-8, paths need not be.
        for (const auto& element : layout_.elements) keys_.push_back(schema::utf8_escaped(element.path));
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            elements_.emplace(keys_[i], &layout_.elements[i]);
            for (std::size_t at = keys_[i].find_first_of(".["); at != std::string::npos;
                 at = keys_[i].find_first_of(".[", at + 1)) {
                structs_.insert(std::string_view(keys_[i]).substr(0, at));
            }
        }
        has_element_id_ = elements_.contains(schema::kElementIdKey) || structs_.contains(schema::kElementIdKey);
    }

    /// Hands on what is left.
    void finish() {
        if (rows_.num_rows() != 0) take_(rows_.finish());
    }

    void begin_row() override {
        row_ = rows_.append();
        ++row_number_;
        num_seen_ = 0;
        unknown_ = {};
        unknown_path_.clear();
    }

    bool end_row() override {
        if (num_seen_ != layout_.elements.size() || unknown_.total != 0) throw_misfit();
        if (rows_.is_piece()) take_(rows_.finish());
        return true;
    }

    void value(const JsonPlace& place, const JsonValue& value) override {
        const Element* const element = element_at(place);
        if (element == nullptr) return add_unknown(place);
        if (place.indices.size() != schema::num_indices(*element)) fail_shape(place, *element, "a value");
        const auto cell = find_cell(place, *element);
        if (!cell) return;
        std::string_view found = value.text;
        auto problem = set(*cell, value, found);
        const bool may_have_name = problem == schema::ValueProblem::None && cell->enumeration != nullptr;
        if (may_have_name && !schema::has_enumerator(*cell->enumeration, row_ + cell->offset))
            problem = schema::ValueProblem::NoEnumerator;
        if (problem == schema::ValueProblem::NoEnumerator && nameless_.are_let_in) {
            ++nameless_.count;
            return;
        }
        if (problem != schema::ValueProblem::None) fail_value(place, problem, *cell, value, found);
    }

    void begin_list(const JsonPlace& place) override {
        const Element* const element = element_at(place);
        if (element == nullptr) {
            if (!structs_.contains(place.path)) add_unknown(place);
        } else if (place.indices.size() >= schema::num_indices(*element)) {
            fail_shape(place, *element, "a list");
        }
    }

    void end_list(const JsonPlace& place, std::uint64_t count) override {
        const Element* const element = element_at(place);
        if (element == nullptr) return;
        // The indices are those of the lists around this one.
        const auto level = place.indices.size();
        if (count != element->dims[level]) fail_list(place, *element, level, fmt::format("{}", count));
    }

    ObjectForm begin_object(const JsonPlace& place) override {
        const Element* const element = element_at(place);
        if (element == nullptr) {
            if (!structs_.contains(name_of_place(place))) add_unknown(place);
            return ObjectForm::Members;
        }
        const bool is_file = element->type == ScalarType::File;
        if ((!element->is_text() && !is_file) || place.indices.size() != schema::num_indices(*element)) {
            fail_shape(place, *element, "an object");
        }
        return is_file ? ObjectForm::File : ObjectForm::Hex;
    }

    void hex_text(const JsonPlace& place, std::string_view digits) override {
        const Element* const element = element_at(place);
        const auto cell = find_cell(place, *element);
        if (!cell) return;
        Bytes bytes;
        try {
            bytes = from_hex(digits);
        } catch (const Error& error) {
            throw error.within(at(place), ", ");
        }
        const auto problem = schema::store_text(as_text(bytes), cell->capacity, row_ + cell->offset);
        if (problem != schema::ValueProblem::None) fail_value(place, problem, *cell, {}, as_text(bytes));
    }

    bool ignores(std::string_view key) override { return key == schema::kElementIdKey && !has_element_id_; }

private:
    /// The element at the path; null when there is none. A second key of one row for it is an error.
    const Element* element_at(const JsonPlace& place) {
        if (place.path_number == path_number_) return element_;
        path_number_ = place.path_number;
        const auto found = elements_.find(place.path);
        element_ = found == elements_.end() ? nullptr : found->second;
        if (element_ == nullptr) return nullptr;
        auto& seen_in = seen_in_[static_cast<std::size_t>(element_ - layout_.elements.data())];
        if (seen_in == row_number_) {
            throw Error(ErrorCode::BadInput,
                        {"element occurs twice in one row", at(place), "each element once", {}, {}});
        }
        seen_in = row_number_;
        ++num_seen_;
        return element_;
    }

    /// The place in the row; nothing behind the end of an array, which end_list reports with the number of items.
    static std::optional<schema::Cell> find_cell(const JsonPlace& place, const Element& element) noexcept {
        std::uint64_t flat = 0;
        for (std::size_t i = 0; i < place.indices.size(); ++i) {
            if (place.indices[i] >= element.dims[i]) return std::nullopt;
            flat = flat * element.dims[i] + place.indices[i];
        }
        return schema::cell_of(element, flat);
    }

    schema::ValueProblem set(const schema::Cell& cell, const JsonValue& value, std::string_view& found) {
        using Kind = JsonValue::Kind;
        std::byte* const out = row_ + cell.offset;
        if (cell.type == ScalarType::Char) {
            return value.kind == Kind::String ? schema::store_text(value.text, cell.capacity, out)
                                              : schema::ValueProblem::Malformed;
        }
        switch (value.kind) {
            case Kind::Null:
                if (!is_identity(cell.type)) return schema::ValueProblem::Malformed;
                return schema::parse_value(cell, {}, out);
            case Kind::Bool:
                if (cell.type != ScalarType::Bool) return schema::ValueProblem::Malformed;
                *out = std::byte{value.boolean};
                return schema::ValueProblem::None;
            case Kind::Signed:
                if (is_identity(cell.type)) return schema::ValueProblem::Malformed;
                return set_integer(cell.type, value.number, out);
            case Kind::Unsigned:
                if (is_identity(cell.type)) return schema::ValueProblem::Malformed;
                return set_integer(cell.type, value.positive, out);
            case Kind::Decimal:
            case Kind::String:
                break;
        }
        found = value.text;
        return schema::parse_value(cell, value.text, out);
    }

    template <class From>
    static schema::ValueProblem set_integer(ScalarType type, From from, std::byte* out) noexcept {
        return with_number_type(type, [from, out](auto kind) {
            using To = decltype(kind);
            if constexpr (std::is_floating_point_v<To>) {
                store_number(out, static_cast<To>(from));  // rounds to nearest, as the decimal would
            } else if constexpr (std::is_same_v<To, bool>) {
                if (from != 0 && from != 1) return schema::ValueProblem::OutOfRange;
                *out = static_cast<std::byte>(from);
            } else {
                if (!std::in_range<To>(from)) return schema::ValueProblem::OutOfRange;
                store_number(out, static_cast<To>(from));
            }
            return schema::ValueProblem::None;
        });
    }

    void add_unknown(const JsonPlace& place) {
        if (unknown_.total != 0 && is_below(place.path, unknown_path_)) return;
        unknown_path_ = name_of_place(place);
        unknown_.add(unknown_path_);
    }

    [[nodiscard]] std::string at(const JsonPlace& place) const {
        return fmt::format("{}, element {}", walker_.at(), name_of_place(place));
    }

    [[noreturn]] void fail_value(const JsonPlace& place, schema::ValueProblem problem, const schema::Cell& cell,
                                 const JsonValue& value, std::string_view found) const {
        using Kind = JsonValue::Kind;
        std::string text(found);
        bool is_null = false;
        switch (value.kind) {
            case Kind::Null:
                // Also what stands for a text of {"hex": ...}, which is never Malformed.
                is_null = problem == schema::ValueProblem::Malformed;
                break;
            case Kind::Bool:
                text = value.boolean ? "true" : "false";
                break;
            case Kind::Signed:
                text = std::to_string(value.number);
                break;
            case Kind::Unsigned:
                text = std::to_string(value.positive);
                break;
            case Kind::Decimal:
            case Kind::String:
                break;
        }
        auto info = schema::describe(problem, cell, text);
        info.where = at(place);
        if (is_null) {
            info.found = "null";
            if (is_float(cell.type)) info.advice = "write \"NaN\" for not a number";
        }
        throw Error(ErrorCode::BadInput, std::move(info));
    }

    /// What stands at a place has another number of dimensions.
    [[noreturn]] void fail_shape(const JsonPlace& place, const Element& element, std::string_view found) const {
        const bool list = place.indices.size() < schema::num_indices(element);
        throw Error(ErrorCode::BadInput, {"value of another shape",
                                          at(place),
                                          list ? fmt::format("a list of {}", element.dims[place.indices.size()])
                                               : std::string(element.is_text() ? "a text" : name_of(element.type)),
                                          std::string(found),
                                          {}});
    }
    [[noreturn]] void fail_list(const JsonPlace& place, const Element& element, std::size_t level,
                                std::string_view found) const {
        throw Error(ErrorCode::BadInput, {"list of another length",
                                          at(place),
                                          fmt::format("a list of {}", element.dims[level]),
                                          std::string(found),
                                          {}});
    }

    [[noreturn]] void throw_misfit() const {
        schema::NameList missing;
        for (std::size_t i = 0; i < seen_in_.size(); ++i) {
            if (seen_in_[i] != row_number_) missing.add(keys_[i]);
        }
        throw misfit(walker_.at(), "element", layout_, missing, unknown_, keys_, num_seen_ != 0);
    }

    const StructDefinition& layout_;
    const JsonRowWalker& walker_;
    const TakeRows& take_;
    NamelessValues& nameless_;
    schema::RowAppender rows_;      // those that were not handed on yet
    std::uint64_t row_number_ = 0;  // from 1
    std::byte* row_ = nullptr;
    std::vector<std::string> keys_;  // of the elements, in their order
    std::unordered_map<std::string_view, const Element*> elements_;
    std::unordered_set<std::string_view>
        structs_;                         // paths of nested structs, and of arrays of them with and without index
    std::vector<std::uint64_t> seen_in_;  // the row (from 1) that had the element last
    std::uint64_t num_seen_ = 0;
    std::uint64_t path_number_ = 0;  // of element_
    const Element* element_ = nullptr;
    schema::NameList unknown_;
    std::string unknown_path_;
    bool has_element_id_ = false;
};

/// The text is walked to the end of its first row, and then once more from the beginning to its end.
class JsonReader final : public RowReader {
public:
    JsonReader(TextSource source, const JsonLimits& limits) : source_(std::move(source)), limits_(limits) {
        std::uint64_t size = 0;
        const auto keep = [&]() -> std::string_view {
            const auto piece = source_.next_piece();
            size += piece.size();
            if (size > limits_.first_row) {
                throw Error(ErrorCode::BadInput, {"the first row is too long", source_.name(),
                                                  fmt::format("at most {} MB of text", limits_.first_row >> 20), "more",
                                                  "larger rows are put from a program"});
            }
            begins_.push_back(std::string(piece));
            return begins_.back();
        };
        JsonText text(keep, source_.name(), limits_.token);
        JsonRowWalker(std::move(text), source_.name()).walk(first_row_);
        columns_ = first_row_.names();
    }

    [[nodiscard]] const std::vector<std::string>& columns() const override { return columns_; }
    [[nodiscard]] bool fits(const StructDefinition& definition) const override {
        return !first_row_.exists() || first_row_.fits(definition);
    }
    using RowReader::read;
    void read(const DefinitionPtr& layout, const TakeRows& take, NamelessValues& nameless) override {
        std::string piece;
        const auto next = [this, &piece]() -> std::string_view {
            if (begins_.empty()) return source_.next_piece();
            piece = std::move(begins_.front());
            begins_.pop_front();
            return piece;
        };
        JsonText text(next, source_.name(), limits_.token);
        JsonRowWalker walker(std::move(text), source_.name());
        RowFiller filler(layout, walker, take, nameless);
        walker.walk(filler);
        filler.finish();
    }

private:
    TextSource source_;
    JsonLimits limits_;
    std::deque<std::string> begins_;  // what the first walk has read, in pieces
    FirstRow first_row_;
    std::vector<std::string> columns_;
};

}  // namespace

std::unique_ptr<RowReader> make_json_reader(TextSource source, const JsonLimits& limits) {
    return std::make_unique<JsonReader>(std::move(source), limits);
}

}  // namespace etalon::text
