#include "reflect/flatten.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "reflect/comments.h"
#include "reflect/defaults.h"
#include "reflect/reasons.h"
#include "reflect/units.h"

namespace etalon::reflect {
namespace {

/// Attributes that change no layout though Clang does not know them.
bool is_harmless(std::string_view attribute) noexcept {
    return attribute == "nonstring" || attribute == "designated_init" || attribute == "warn_if_not_aligned";
}

/// What the comments of a member say.
struct Notes {
    std::string comment;
    std::string unit;
    std::string unit_location;  ///< of the member that the unit stands at
    std::optional<std::string> default_text;
};

/// An element and where it, or its unit, is declared.
struct Located {
    Element element;
    std::string location;
};

Notes read_notes(const CommentList& comments, std::string_view name) {
    Notes notes;
    notes.comment = join(comments);
    for (const std::string& comment : comments) {
        if (notes.unit.empty()) notes.unit = find_unit(comment, name);
        if (!notes.default_text) notes.default_text = find_default(comment);
    }
    return notes;
}

/// The element of a scalar field, without place and comments.
Element make_element(const RawField& field) {
    Element element;
    element.type = *field.scalar;
    element.dims = field.dims;
    element.c_type = field.c_type;
    element.enumerators = field.enumerators;
    // Only arrays of plain char are text.
    if (element.type == ScalarType::Char && element.dims.empty()) {
        element.type = field.char_is_signed ? ScalarType::Int8 : ScalarType::UInt8;
    }
    return element;
}

std::uint64_t multiply_capped(std::uint64_t a, std::uint64_t b) noexcept {
    return a != 0 && b > (kMaxElements + 1) / a ? kMaxElements + 1 : std::min(a * b, kMaxElements + 1);
}

/// Structs within each other.
constexpr std::size_t kMaxDepth = 100;

class Flattener {
public:
    Flattener(const RawUnit& unit, Reflection& result) : unit_(unit), result_(result) {
        for (const Diagnostic& refusal : result.refusals) reported_.emplace(refusal.location, refusal.kind);
    }

    void add(std::size_t index) {
        const RawRecord& record = unit_.records[index];
        if (record.name.empty() && record.problems.empty()) {
            refuse("unnamed", record.location, record.name, declaration_of(record));
            return;
        }
        for (const StructDefinition& known : result_.definitions) {
            if (known.name != record.name) continue;
            if (known.source != record.location) {
                refuse("duplicate-name", record.location, record.name, "struct " + record.name,
                       "also defined at " + known.source);
            }
            return;
        }
        visited_.clear();
        if (!check(index, record.name)) return;
        if (record.alignment == 0 || record.size % record.alignment != 0) {
            refuse("alignment", record.location, record.name, declaration_of(record));
            return;
        }
        if (leaves(index) > kMaxElements) {
            refuse("too-large", record.location, record.name, "struct " + record.name);
            return;
        }
        StructDefinition definition;
        definition.name = record.name;
        definition.size = record.size;
        definition.alignment = record.alignment;
        definition.comment = join(find_record_comments(unit_, record));
        definition.source = record.location;
        std::vector<Located> elements;
        expand(index, "", 0, Notes{}, elements);
        std::sort(elements.begin(), elements.end(),
                  [](const Located& a, const Located& b) { return a.element.offset < b.element.offset; });
        auto& locations = result_.element_locations.emplace_back();
        for (auto& [element, location] : elements) {
            definition.elements.push_back(std::move(element));
            locations.push_back(std::move(location));
        }
        result_.definitions.push_back(std::move(definition));
    }

private:
    std::string declaration_of(const RawRecord& record) const {
        if (record.span.end <= record.span.begin) return record.name;
        return declaration_text(unit_.files[record.span.file], record.span);
    }

    std::string declaration_of(const RawRecord& record, std::size_t index) const {
        const RawField& field = record.fields[index];
        // Behind a comma the text would show the members before; Clang prints this one alone.
        const bool shares = index > 0 && record.fields[index - 1].span.begin == field.span.begin &&
                            record.fields[index - 1].span.file == field.span.file;
        if (shares || field.span.end <= field.span.begin) return field.printed;
        return declaration_text(unit_.files[field.span.file], field.span);
    }

    void refuse(const std::string& kind, const std::string& location, const std::string& struct_name,
                std::string declaration, const std::string& detail = {}) {
        if (!reported_.emplace(location, kind).second) return;
        std::string reason = reason_for(kind);
        if (!detail.empty()) reason = detail + "; " + reason;
        result_.refusals.push_back({location, struct_name, std::move(declaration), std::move(reason), kind});
    }

    const std::vector<Notes>& notes_of(std::size_t index) {
        const auto known = notes_.find(index);
        if (known != notes_.end()) return known->second;
        const RawRecord& record = unit_.records[index];
        const std::vector<CommentList> comments = find_field_comments(unit_, record);
        std::vector<Notes> notes;
        for (std::size_t i = 0; i < comments.size(); ++i) {
            notes.push_back(read_notes(comments[i], record.fields[i].name));
        }
        return notes_.emplace(index, std::move(notes)).first->second;
    }

    /// Reports everything in the record and what it holds that cannot be stored. True when there is nothing.
    bool check(std::size_t index, const std::string& target, std::size_t depth = 0) {
        const auto [known, added] = visited_.emplace(index, true);
        if (!added) return known->second;
        const RawRecord& record = unit_.records[index];
        if (depth > kMaxDepth) {
            refuse("too-deep", record.location, target, "struct " + record.name);
            return visited_[index] = false;
        }
        bool good = record.problems.empty();
        for (const RawProblem& problem : record.problems) {
            refuse(problem.kind, problem.location, target, problem.declaration);
        }
        good &= check_warnings(record, target);
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            const RawField& field = record.fields[i];
            if (!field.refusal.empty()) {
                refuse(field.refusal, field.location, target, declaration_of(record, i));
                good = false;
            } else if (field.record != kNoRecord) {
                const RawRecord& inner = unit_.records[field.record];
                // An empty nested struct is the fault of the member that uses it.
                if (inner.fields.empty() && inner.problems.empty()) {
                    refuse("empty", field.location, target, declaration_of(record, i));
                    good = false;
                } else {
                    good &= check(field.record, target, depth + 1);
                }
            }
            if (field.refusal.empty()) good &= check_default(index, i, target);
        }
        if (record.fields.empty() && record.problems.empty()) {
            refuse("empty", record.location, target, "struct " + record.name);
            good = false;
        }
        visited_[index] = good;
        return good;
    }

    bool check_warnings(const RawRecord& record, const std::string& target) {
        if (record.span.end <= record.span.begin) return true;
        const std::string& text = unit_.files[record.span.file].text;
        // Attributes behind the closing brace, and behind a typedef name, stand before the semicolon.
        const std::size_t end = semicolon_behind(text, record.span.end);
        bool good = true;
        for (const RawWarning& warning : unit_.warnings) {
            if (warning.file != record.span.file || warning.offset < record.span.begin || warning.offset >= end)
                continue;
            if (warning.kind == "no-name") {
                if (declares_a_tag(text, warning.offset)) continue;
                refuse(warning.kind, warning.location, target,
                       text_until(record.span.file, warning.offset, semicolon_behind(text, warning.offset)));
            } else {
                if (is_harmless(warning.name)) continue;
                refuse(warning.kind, warning.location, target, declaration_around(record, warning),
                       "attribute " + warning.name);
            }
            good = false;
        }
        return good;
    }

    static std::size_t semicolon_behind(const std::string& text, std::size_t at) {
        return std::min(text.find(';', at), text.size());
    }

    std::string text_until(std::size_t file, std::uint32_t begin, std::size_t end) const {
        return declaration_text(unit_.files[file], {file, begin, static_cast<std::uint32_t>(end)});
    }

    /// `struct Inner {...};` inside a struct declares a type and no member: that is what it says.
    static bool declares_a_tag(const std::string& text, std::size_t at) {
        for (const std::string_view keyword : {"struct", "union", "enum", "class"}) {
            if (text.compare(at, keyword.size(), keyword) == 0) return true;
        }
        return false;
    }

    /// The member that an attribute stands at, else the head of the struct.
    std::string declaration_around(const RawRecord& record, const RawWarning& warning) const {
        const std::string& text = unit_.files[warning.file].text;
        for (const RawField& field : record.fields) {
            const std::size_t end = semicolon_behind(text, field.span.end);
            if (field.span.file == warning.file && field.span.begin <= warning.offset && warning.offset < end) {
                return text_until(warning.file, field.span.begin, end);
            }
        }
        return declaration_of(record);
    }

    bool check_default(std::size_t index, std::size_t position, const std::string& target) {
        const RawRecord& record = unit_.records[index];
        const RawField& field = record.fields[position];
        const auto& text = notes_of(index)[position].default_text;
        if (!text || !is_surely_value(*text)) return true;
        if (field.scalar && parse_default(make_element(field), *text)) return true;
        const std::string type = field.scalar ? std::string(name_of(make_element(field).type)) : "a nested struct";
        if (reported_.emplace(field.location, "default").second) {
            result_.refusals.push_back({field.location, target, declaration_of(record, position),
                                        "the declared default " + *text + " is not a value of " + type +
                                            ": give one value of the element's type (an array takes it for every item)",
                                        "default"});
        }
        return false;
    }

    std::uint64_t leaves(std::size_t index) {
        const auto known = leaves_.find(index);
        if (known != leaves_.end()) return known->second;
        std::uint64_t sum = 0;
        for (const RawField& field : unit_.records[index].fields) {
            std::uint64_t count = 1;
            if (field.record != kNoRecord) {
                count = leaves(field.record);
                for (const std::uint64_t dim : field.dims) count = multiply_capped(count, dim);
            }
            sum = std::min(sum + count, kMaxElements + 1);
        }
        leaves_.emplace(index, sum);
        return sum;
    }

    void expand(std::size_t index, const std::string& prefix, std::uint64_t base, const Notes& outer,
                std::vector<Located>& out) {
        const RawRecord& record = unit_.records[index];
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            const RawField& field = record.fields[i];
            Notes notes = notes_of(index)[i];
            // What a nested struct's own comments leave open, those of the member that holds it say.
            notes.unit_location = field.location;
            if (notes.comment.empty()) {
                notes.comment = outer.comment;
                notes.unit = outer.unit;
                if (!outer.unit.empty()) notes.unit_location = outer.unit_location;
            }
            if (field.record == kNoRecord) {
                Element element = make_element(field);
                element.path = prefix + field.name;
                element.offset = base + field.offset;
                element.comment = notes.comment;
                // Text, truth values and names of things have no unit of their own to inherit.
                const bool measurable =
                    element.type != ScalarType::Char && element.type != ScalarType::Bool && element.enumerators.empty();
                const bool own = !notes_of(index)[i].unit.empty();
                if (own || measurable) element.unit = notes.unit;
                if (notes.default_text) element.default_value = parse_default(element, *notes.default_text);
                out.push_back({std::move(element), notes.unit_location});
                continue;
            }
            notes.default_text.reset();
            std::vector<std::uint64_t> at(field.dims.size(), 0);
            std::uint64_t count = 1;
            for (const std::uint64_t dim : field.dims) count *= dim;
            const std::uint64_t stride = unit_.records[field.record].size;
            for (std::uint64_t n = 0; n < count; ++n) {
                std::string path = prefix + field.name;
                for (const std::uint64_t position : at) path += "[" + std::to_string(position) + "]";
                if (!field.name.empty()) path += ".";
                expand(field.record, path, base + field.offset + n * stride, notes, out);
                for (std::size_t d = at.size(); d-- > 0;) {
                    if (++at[d] < field.dims[d]) break;
                    at[d] = 0;
                }
            }
        }
    }

    const RawUnit& unit_;
    Reflection& result_;
    std::set<std::pair<std::string, std::string>> reported_;  ///< location and kind
    std::map<std::size_t, bool> visited_;
    std::map<std::size_t, std::vector<Notes>> notes_;
    std::map<std::size_t, std::uint64_t> leaves_;
};

}  // namespace

void flatten(const RawUnit& unit, const std::vector<std::string>& only, Reflection& result) {
    Flattener flattener(unit, result);
    const auto wanted = [&](const std::string& name) {
        return std::find(only.begin(), only.end(), name) != only.end();
    };
    for (const std::size_t index : unit.targets) {
        if (only.empty() || wanted(unit.records[index].name)) flattener.add(index);
    }
    if (only.empty()) return;
    for (std::size_t index = 0; index < unit.records.size(); ++index) {
        const RawRecord& record = unit.records[index];
        if (!record.top_level && record.named_file && wanted(record.name)) flattener.add(index);
    }
}

}  // namespace etalon::reflect
