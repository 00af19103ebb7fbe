#include "reflect/flatten.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/number_text.h"
#include "reflect/comments.h"
#include "reflect/defaults.h"
#include "reflect/reasons.h"
#include "reflect/unit_reading.h"
#include "reflect/words.h"
#include "schema/limits.h"

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
    std::uint32_t key = 0;
    std::vector<std::string> limits;
    std::string statement_problem;  ///< why a key or limits cannot be those of the member; empty: they can
    std::vector<Remark> remarks;
};

/// An element and where it, or its unit, is declared.
struct Located {
    Element element;
    std::string location;
};

/// What comments of one member say beside each other comes first: beside it, then above, from the nearest on.
CommentList by_weight(const CommentList& comments) {
    CommentList ordered;
    for (const Comment& comment : comments) {
        if (comment.beside) ordered.push_back(comment);
    }
    for (auto comment = comments.rbegin(); comment != comments.rend(); ++comment) {
        if (!comment->beside) ordered.push_back(*comment);
    }
    return ordered;
}

/// The element of a scalar field, without place and comments.
Element make_element(const RawField& field) {
    Element element;
    element.type = *field.scalar;
    element.dims = field.dims;
    element.c_type = field.c_type;
    element.target = field.target;
    element.enumerators = field.enumerators;
    // Only arrays of plain char are text.
    if (element.type == ScalarType::Char && element.dims.empty()) {
        element.type = field.char_is_signed ? ScalarType::Int8 : ScalarType::UInt8;
    }
    return element;
}

class NoteReader {
public:
    NoteReader(const RawField& field, const std::vector<std::string>& others) : field_(field), others_(others) {}

    Notes read(const CommentList& comments) {
        CommentList clear;
        for (const Comment& comment : comments) {
            // Who it is about is not clear: alone with one of them it would say more than it does.
            const bool says = !read_unit(comment.meaning, field_.name, others_).unit.empty() ||
                              find_default(comment.meaning).has_value();
            if (!comment.unclear || !says) clear.push_back(comment);
        }
        notes_.comment = join(clear);
        for (const Comment& comment : by_weight(comments)) {
            read_unit_of(comment);
            read_default_of(comment);
            for (const std::string& statement : comment.statements) read_statement(comment, statement);
            warn_of_statement_inside(comment);
        }
        return std::move(notes_);
    }

private:
    void remark(std::string kind, bool is_warning, std::string message) {
        notes_.remarks.push_back({field_.location, "", field_.name, std::move(message), std::move(kind), is_warning});
    }

    void read_unit_of(const Comment& comment) {
        UnitReading found = read_unit(comment.meaning, field_.name, others_);
        for (const auto& [text, reason] : found.texts)
            remark("unit", false, "'" + text + "' is text here, not the unit: " + reason);
        if (found.unit.empty()) return;
        if (comment.unclear) {
            remark("unit", false,
                   "'" + found.unit +
                       "' is not taken for the unit: the comment stands between two members and may be " +
                       "about either; write it before the comma, or behind a semicolon of its own");
        } else if (notes_.unit.empty()) {
            notes_.unit = std::move(found.unit);
            warn_of_temperature();
        } else if (found.unit != notes_.unit) {
            remark("unit", false,
                   "'" + found.unit + "' of another comment is not taken: [" + notes_.unit + "] is nearer");
        }
    }

    /// `float temperature; // C` hardly means coulomb.
    void warn_of_temperature() {
        const std::string name = lower(field_.name);
        if (name.find("temp") == std::string::npos || (notes_.unit != "C" && notes_.unit != "F")) return;
        const bool is_celsius = notes_.unit == "C";
        remark("unit", true,
               "the unit '" + notes_.unit + "' is " + (is_celsius ? "coulomb" : "farad") + "; degrees " +
                   (is_celsius ? "Celsius are degC" : "Fahrenheit are degF"));
    }

    void read_default_of(const Comment& comment) {
        const auto found = find_default(comment.meaning);
        if (!found) return;
        if (found->is_retracted) {
            remark("default", true, "the default " + found->text + " is not taken: the word before it takes it back");
        } else if (comment.unclear) {
            remark("default", true,
                   "the default " + found->text + " is not taken: the comment stands between two members and may be " +
                       "about either; write it before the comma, or behind a semicolon of its own");
        } else if (!notes_.default_text) {
            notes_.default_text = found->text;
        } else if (*notes_.default_text != found->text) {
            remark("default", true,
                   "the default " + found->text + " of another comment is not taken: " + *notes_.default_text +
                       " is nearer");
        }
    }

    /// `key: 1` or `limits: ...`.
    void read_statement(const Comment& comment, std::string_view statement) {
        const auto colon = statement.find(':');
        const auto kind = std::string(statement.substr(0, colon));
        statement.remove_prefix(colon + 1);
        if (comment.unclear) {
            remark(kind, true,
                   "the " + kind + " is not taken: the comment stands between two members and may be about either; " +
                       "write it before the comma, or behind a semicolon of its own");
            return;
        }
        if (!field_.scalar) {
            if (notes_.statement_problem.empty())
                notes_.statement_problem =
                    kind + ": stands at a nested struct, which has none of its own: its members may";
            return;
        }
        if (kind == "key") {
            const auto number = parse_integer<std::uint32_t>(trim(statement));
            const bool is_list = !field_.dims.empty() && !(make_element(field_).is_text() && field_.dims.size() == 1);
            if (!number || *number == 0) {
                notes_.statement_problem = "a key is a position in the natural index: 1, 2, ...";
            } else if (is_list) {
                notes_.statement_problem =
                    "a key on an array: a key is one value of a row; make the items rows of their own, or take another "
                    "member";
            } else if (notes_.key != 0 && notes_.key != *number) {
                remark(kind, true, "the key " + std::to_string(*number) + " of another comment is not taken");
            } else {
                notes_.key = *number;
            }
            return;
        }
        auto found = schema::read_limits(make_element(field_), statement);
        if (found.problem.empty()) {
            for (std::string& limit : found.limits) {
                if (std::ranges::find(notes_.limits, limit) == notes_.limits.end())
                    notes_.limits.push_back(std::move(limit));
            }
        } else if (found.is_prose) {
            remark(kind, true, "the limits are text here: " + found.problem);
            notes_.comment += (notes_.comment.empty() ? "limits:" : " limits:") + std::string(statement);
        } else {
            notes_.statement_problem = "limits: " + found.problem;
        }
    }

    /// What would be one if it stood at the begin of a line.
    void warn_of_statement_inside(const Comment& comment) {
        const auto key = comment.meaning.find("key: ");
        if (key != std::string::npos && (key == 0 || comment.meaning[key - 1] == '\n') &&
            is_digit(comment.meaning[key + 5]))
            remark("key", true,
                   "'" + comment.meaning.substr(key, 6) + "' is not taken: nothing else may stand in its line");
        const auto at = comment.meaning.find("limits:");
        if (at == std::string::npos || !field_.scalar) return;
        const auto text = std::string_view(comment.meaning).substr(at + 7);
        const auto found = schema::read_limits(make_element(field_), text.substr(0, text.find('\n')));
        if (found.problem.empty())
            remark("limits", true, "'limits:' is not taken: it does not begin a line of the comment");
    }

    const RawField& field_;
    const std::vector<std::string>& others_;
    Notes notes_;
};

std::uint64_t multiply_capped(std::uint64_t a, std::uint64_t b) noexcept {
    return a != 0 && b > (kMaxElements + 1) / a ? kMaxElements + 1 : std::min(a * b, kMaxElements + 1);
}

/// Structs within each other.
constexpr std::size_t kMaxDepth = 100;

/// Remarks of all units; equal texts are one.
class Remarks {
public:
    /// `struct_name`: the struct that is recorded.
    void add(Remark remark, const std::string& struct_name) {
        if (!places_.emplace(remark.location, remark.message).second) return;
        const auto [known, is_new] = index_.emplace(remark.message, remarks_.size());
        if (!is_new) {
            ++more_[known->second];
            return;
        }
        if (remark.struct_name.empty()) remark.struct_name = struct_name;
        remarks_.push_back(std::move(remark));
        more_.push_back(0);
    }
    void finish(std::vector<Remark>& out) {
        for (std::size_t i = 0; i < remarks_.size(); ++i) {
            if (more_[i] > 0)
                remarks_[i].message +=
                    " (and at " + std::to_string(more_[i]) + (more_[i] == 1 ? " more place)" : " more places)");
            out.push_back(std::move(remarks_[i]));
        }
        remarks_.clear();
        index_.clear();
        more_.clear();
    }

private:
    std::set<std::pair<std::string, std::string>> places_;
    std::map<std::string, std::size_t> index_;
    std::vector<Remark> remarks_;
    std::vector<std::size_t> more_;
};

/// What differs first between two definitions of one name.
std::string first_difference(const StructDefinition& a, const StructDefinition& b) {
    for (std::size_t i = 0; i < a.elements.size() && i < b.elements.size(); ++i) {
        const Element& one = a.elements[i];
        const Element& other = b.elements[i];
        const auto shape = [](const Element& element) {
            std::string text = element.path + " " + std::string(name_of(element.type));
            for (const auto dim : element.dims) text += "[" + std::to_string(dim) + "]";
            if (!element.unit.empty()) text += " [" + element.unit + "]";
            if (element.default_value) text += " default " + *element.default_value;
            return text;
        };
        if (shape(one) != shape(other)) return shape(one) + " there, " + shape(other) + " here";
        if (one.enumerators != other.enumerators) return "other enumerators of " + one.path;
        if (one.key != other.key || one.limits != other.limits) return "another key or other limits of " + one.path;
        if (one.offset != other.offset) {
            return one.path + " at byte " + std::to_string(one.offset) + " there, at " + std::to_string(other.offset) +
                   " here";
        }
    }
    if (a.elements.size() != b.elements.size()) {
        return std::to_string(a.elements.size()) + " elements there, " + std::to_string(b.elements.size()) + " here";
    }
    if (a.size != b.size) return std::to_string(a.size) + " bytes there, " + std::to_string(b.size) + " here";
    if (a.alignment != b.alignment) {
        return "alignment " + std::to_string(a.alignment) + " there, " + std::to_string(b.alignment) + " here";
    }
    return {};
}

class Flattener {
public:
    /// `names`: by name the unit that defined a struct.
    Flattener(const RawUnit& unit, std::size_t number, std::map<std::string, std::size_t>& names, Remarks& remarks,
              Reflection& result)
        : unit_(unit), number_(number), names_(names), remarks_(remarks), result_(result) {
        for (const Diagnostic& refusal : result.refusals) reported_.emplace(refusal.location, refusal.kind);
    }

    void add(std::size_t index) {
        const RawRecord& record = unit_.records[index];
        const std::size_t before = result_.refusals.size();
        const bool is_done = define(index);
        if (is_done && before == result_.refusals.size()) return;
        const std::string title = record.name.empty() ? record.location : record.name;
        if (std::find(result_.skipped.begin(), result_.skipped.end(), title) == result_.skipped.end())
            result_.skipped.push_back(title);
    }

private:
    /// False when the struct cannot be stored.
    bool define(std::size_t index) {
        const RawRecord& record = unit_.records[index];
        if (record.name.empty() && record.problems.empty()) {
            refuse("unnamed", record.location, record.name, declaration_of(record));
            return false;
        }
        const auto known = find_known(record);
        if (known != nullptr && names_.at(record.name) == number_) {
            if (known->source != record.location) {
                refuse("duplicate-name", record.location, record.name, "struct " + record.name,
                       "also defined at " + known->source);
            }
            return true;
        }
        visited_.clear();
        if (!check(index, record.name)) return false;
        if (record.alignment == 0 || record.size % record.alignment != 0) {
            refuse("alignment", record.location, record.name, declaration_of(record));
            return false;
        }
        if (leaves(index) > kMaxElements) {
            refuse("too-large", record.location, record.name, "struct " + record.name);
            return false;
        }
        StructDefinition definition;
        definition.name = record.name;
        definition.size = record.size;
        definition.alignment = record.alignment;
        definition.comment = join(find_record_comments(unit_, record));
        definition.source = record.location;
        std::vector<Located> elements;
        target_ = record.name;
        expand(index, "", 0, Notes{}, nullptr, elements);
        std::sort(elements.begin(), elements.end(),
                  [](const Located& a, const Located& b) { return a.element.offset < b.element.offset; });
        std::vector<std::string> locations;
        for (auto& [element, location] : elements) {
            definition.elements.push_back(std::move(element));
            locations.push_back(std::move(location));
        }
        if (known != nullptr) {
            compare_with(*known, definition);
            return true;
        }
        if (const auto problems = schema::validate_limits(definition); !problems.empty()) {
            refuse("limits", record.location, record.name, declaration_of(record), problems.front());
            return false;
        }
        names_[record.name] = number_;
        result_.element_locations.push_back(std::move(locations));
        result_.definitions.push_back(std::move(definition));
        return true;
    }

    const StructDefinition* find_known(const RawRecord& record) const {
        if (!names_.contains(record.name)) return nullptr;
        const auto known = std::find_if(result_.definitions.begin(), result_.definitions.end(),
                                        [&](const StructDefinition& one) { return one.name == record.name; });
        return known == result_.definitions.end() ? nullptr : &*known;
    }

    /// A struct that another header has, too.
    void compare_with(const StructDefinition& known, const StructDefinition& own) {
        const std::string difference = first_difference(known, own);
        if (difference.empty()) {
            remarks_.add(
                {own.source, own.name, "",
                 "struct " + own.name + " is defined at " + known.source + " in the same way: it is recorded once",
                 "same-name", false},
                own.name);
            return;
        }
        refuse("other-definition", own.source, own.name, "struct " + own.name,
               "defined differently at " + known.source + " (" + difference + ")");
    }

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
        std::vector<std::string> names;
        for (const RawField& field : record.fields) names.push_back(field.name);
        std::vector<Notes> notes;
        for (std::size_t i = 0; i < comments.size(); ++i)
            notes.push_back(NoteReader(record.fields[i], names).read(comments[i]));
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
            if (const auto& problem = notes_of(index)[i].statement_problem; field.refusal.empty() && !problem.empty()) {
                refuse("limits", field.location, target, declaration_of(record, i), problem);
                good = false;
            }
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
        const std::size_t reach = std::max(end, semicolon_behind(text, record.reach.end));
        bool good = true;
        for (const RawWarning& warning : unit_.warnings) {
            const bool inside =
                warning.file == record.span.file && warning.offset >= record.span.begin && warning.offset < end;
            // What a macro adds to the text that it is given stands at its use.
            const bool around =
                warning.file == record.reach.file && warning.use >= record.reach.begin && warning.use < reach;
            if (!inside && !(around && warning.kind != "no-name")) continue;
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
        if (!text || !is_surely_value(*text)) return true;  // expand() tells of other words that do not fit
        if (field.scalar && parse_default(make_element(field), *text)) return true;
        const std::string reason = field.scalar
                                       ? describe_misfit(make_element(field), *text)
                                       : "stands at a nested struct, which has none of its own: its members may";
        if (reported_.emplace(field.location, "default").second) {
            result_.refusals.push_back({field.location, target, declaration_of(record, position),
                                        "the declared default " + *text + " " + reason, "default"});
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

    /// `given`: what the initialiser of the member that holds this struct says; may be null.
    void expand(std::size_t index, const std::string& prefix, std::uint64_t base, const Notes& outer,
                const RawValue* given, std::vector<Located>& out) {
        const RawRecord& record = unit_.records[index];
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            const RawField& field = record.fields[i];
            Notes notes = notes_of(index)[i];
            for (const Remark& remark : notes.remarks) remarks_.add(remark, target_);
            // What a nested struct's own comments leave open, those of the member that holds it say.
            notes.unit_location = field.location;
            if (notes.comment.empty()) {
                notes.comment = outer.comment;
                notes.unit = outer.unit;
                if (!outer.unit.empty()) notes.unit_location = outer.unit_location;
            }
            const RawValue* initial = given != nullptr && i < given->items.size() ? &given->items[i]
                                      : field.initial                             ? &*field.initial
                                                                                  : nullptr;
            if (field.record == kNoRecord) {
                Element element = make_element(field);
                element.path = prefix + field.name;
                element.offset = base + field.offset;
                element.comment = notes.comment;
                // Text, truth values and names of things have no unit of their own to inherit.
                const bool measurable = element.type != ScalarType::Char && element.type != ScalarType::Bool &&
                                        !is_identity(element.type) && element.enumerators.empty();
                const bool own = !notes_of(index)[i].unit.empty();
                if ((own && !is_identity(element.type)) || measurable) element.unit = notes.unit;
                // Without its unit the text of another member would say what is not so.
                if (!own && !measurable && !notes.unit.empty()) element.comment.clear();
                set_default(element, field, notes.default_text, initial);
                element.key = notes.key;
                element.limits = notes.limits;
                out.push_back({std::move(element), notes.unit_location});
                continue;
            }
            if (notes.default_text)
                warn_of_default(field, field.name,
                                "the default " + *notes.default_text +
                                    " is not taken: a nested struct has no default of its own; its members may");
            if (field.has_initializer && !field.initial && given == nullptr) warn_of_initializer(field, field.name);
            notes.default_text.reset();
            std::vector<std::uint64_t> at(field.dims.size(), 0);
            std::uint64_t count = 1;
            for (const std::uint64_t dim : field.dims) count *= dim;
            const std::uint64_t stride = unit_.records[field.record].size;
            for (std::uint64_t n = 0; n < count; ++n) {
                std::string path = prefix + field.name;
                for (const std::uint64_t position : at) path += "[" + std::to_string(position) + "]";
                if (!field.name.empty()) path += ".";
                expand(field.record, path, base + field.offset + n * stride, notes, item_of(initial, field.dims, n),
                       out);
                for (std::size_t d = at.size(); d-- > 0;) {
                    if (++at[d] < field.dims[d]) break;
                    at[d] = 0;
                }
            }
        }
    }

    /// The value of item `n` (row-major) of an array of structs; the value itself without dims.
    static const RawValue* item_of(const RawValue* value, const std::vector<std::uint64_t>& dims, std::uint64_t n) {
        std::uint64_t inner = 1;
        for (const std::uint64_t dim : dims) inner *= dim;
        for (std::size_t d = 0; d < dims.size() && value != nullptr; ++d) {
            inner /= dims[d];
            const std::uint64_t at = n / inner;
            n %= inner;
            value = at < value->items.size() ? &value->items[at] : nullptr;
        }
        return value;
    }

    void warn_of_default(const RawField& field, const std::string& path, std::string message) {
        remarks_.add({field.location, "", path, std::move(message), "default", true}, target_);
    }
    void warn_of_initializer(const RawField& field, const std::string& path) {
        warn_of_default(field, path,
                        "the initialiser of " + field.name +
                            " is not taken as the default: its value is not known before a program runs");
    }

    /// The declared default, else that of the initialiser.
    void set_default(Element& element, const RawField& field, const std::optional<std::string>& text,
                     const RawValue* initial) {
        if (is_identity(element.type)) {
            if (!text) return;
            warn_of_default(field, element.path,
                            "the default " + *text + " is not taken: without a value a " +
                                std::string(name_of(element.type)) + " is null");
            return;
        }
        if (text) element.default_value = parse_default(element, *text);
        const bool fits = element.default_value.has_value();
        if (text && !fits) {
            warn_of_default(field, element.path,
                            "the default " + *text + " is not taken: it is no value of " +
                                std::string(name_of(element.type)) + " (text stands in double quotes)");
        }
        if (initial == nullptr) {
            if (field.has_initializer && !fits) warn_of_initializer(field, element.path);
            return;
        }
        const auto value = default_of(element, *initial);
        if (!value && !fits) {
            warn_of_default(field, element.path,
                            "the initialiser of " + field.name + " is not taken as the default: its values do not fit");
        }
        if (value && fits && *value != *element.default_value) {
            warn_of_default(field, element.path,
                            "the comment declares the default " + *element.default_value + ", the initialiser gives " +
                                *value + ": the comment holds");
        }
        if (!fits) element.default_value = value;
    }

    const RawUnit& unit_;
    std::size_t number_;
    std::map<std::string, std::size_t>& names_;
    Remarks& remarks_;
    Reflection& result_;
    std::string target_;                                      ///< the struct that is expanded
    std::set<std::pair<std::string, std::string>> reported_;  ///< location and kind
    std::map<std::size_t, bool> visited_;
    std::map<std::size_t, std::vector<Notes>> notes_;
    std::map<std::size_t, std::uint64_t> leaves_;
};

}  // namespace

class Flattening::Gathered {
public:
    explicit Gathered(Reflection& result) : result_(result) {}

    void add(const RawUnit& unit, const std::vector<std::string>& only) {
        Flattener flattener(unit, ++units_, names_, remarks_, result_);
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
    void finish() { remarks_.finish(result_.remarks); }

private:
    Reflection& result_;
    Remarks remarks_;
    std::map<std::string, std::size_t> names_;
    std::size_t units_ = 0;
};

Flattening::Flattening(Reflection& result) : gathered_(std::make_unique<Gathered>(result)) {}
Flattening::~Flattening() = default;

void Flattening::add(const RawUnit& unit, const std::vector<std::string>& only) {
    gathered_->add(unit, only);
}

void Flattening::finish() {
    gathered_->finish();
}

}  // namespace etalon::reflect
