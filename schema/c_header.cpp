// The C declaration of a layout: natural where that gives the recorded offsets, else with attributes and explicit gaps.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <list>
#include <optional>
#include <set>

#include "base/bytes.h"
#include "base/digest.h"
#include "etalon/error.h"
#include "schema/definition.h"
#include "schema/layout_tree.h"
#include "schema/names.h"
#include "schema/unit_definitions.h"
#include "schema/units.h"

namespace etalon::schema {
namespace {

constexpr std::uint64_t kMaxAlign = std::uint64_t{1} << 28;  ///< what GCC's aligned() takes
constexpr std::uint64_t kMaxGap = std::uint64_t{1} << 24;    ///< bytes of gap that are written as unnamed bit-fields

std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return (value + alignment - 1) / alignment * alignment;
}

// ---- placing: how each member must be written so that it lands on its offset

/// How one struct is declared.
struct Placement {
    std::uint64_t size = 0;
    std::uint64_t alignment = 1;
    bool packed = false;
    std::uint64_t aligned = 0;                  ///< value of the struct's aligned(), 0 for none
    std::vector<std::uint64_t> member_aligned;  ///< per member, 0 for none
    std::vector<std::uint64_t> gap_before;      ///< bytes of unnamed bit-fields, per member
    std::uint64_t gap_after = 0;
    std::vector<Placement> nested;  ///< per member; of a value: empty
};

/// What a struct must come to. A size or alignment of 0 is free; `room` bounds a free size.
struct Wanted {
    std::uint64_t size = 0;
    std::uint64_t alignment = 0;
    std::uint64_t room = 0;
};

/// Tries to place members with the given attributes; nothing when an offset or the size cannot be met.
std::optional<Placement> try_place(const LayoutStruct& layout, const Placement& inner, const Wanted& wanted,
                                   bool packed, std::uint64_t max_alignment) {
    Placement result = inner;
    result.packed = packed;
    std::uint64_t at = 0;
    std::uint64_t alignment = 1;
    for (std::size_t i = 0; i < layout.members.size(); ++i) {
        const LayoutMember& member = layout.members[i];
        const std::uint64_t own = packed                      ? 1
                                  : member.element != nullptr ? alignment_of(member.element->type)
                                                              : inner.nested[i].alignment;
        std::uint64_t used = own;
        if (align_up(at, own) != member.offset) {
            // The smallest larger alignment that puts the member where it belongs.
            used = own * 2;
            while (used <= max_alignment && align_up(at, used) != member.offset) used *= 2;
            if (used <= max_alignment) {
                result.member_aligned[i] = used;
            } else {
                if (!packed || member.offset < at || member.offset - at > kMaxGap) return std::nullopt;
                result.gap_before[i] = member.offset - at;
                used = 1;
            }
        }
        alignment = std::max(alignment, used);
        std::uint64_t number = 1;
        for (const auto dim : member.dims) number *= dim;
        at = member.offset + (member.element != nullptr ? member.element->bytes() : number * inner.nested[i].size);
    }
    if (alignment > max_alignment) return std::nullopt;
    if (wanted.alignment > alignment) {
        result.aligned = wanted.alignment;
        alignment = wanted.alignment;
    }
    result.alignment = alignment;
    result.size = align_up(at, alignment);
    if (wanted.size != 0 && result.size != wanted.size) {
        if (!packed || wanted.size < at || wanted.size % alignment != 0 || wanted.size - at > kMaxGap)
            return std::nullopt;
        result.gap_after = wanted.size - at;
        result.size = wanted.size;
    }
    if (wanted.size == 0 && result.size > wanted.room) return std::nullopt;
    return result;
}

Placement place(const LayoutStruct& layout, const Wanted& wanted, const std::string& name) {
    Placement inner;
    const std::size_t num_members = layout.members.size();
    inner.member_aligned.assign(num_members, 0);
    inner.gap_before.assign(num_members, 0);
    inner.nested.resize(num_members);
    const std::uint64_t end = wanted.size != 0 ? wanted.size : wanted.room;
    for (std::size_t i = 0; i < num_members; ++i) {
        const LayoutMember& member = layout.members[i];
        if (member.element != nullptr) continue;
        const std::uint64_t next = i + 1 < num_members ? layout.members[i + 1].offset : end;
        inner.nested[i] = place(*member.nested, {member.stride, 0, next - member.offset}, member.name);
    }
    // Members of this struct at their natural place, or raised by aligned(); then everything packed.
    const std::uint64_t max_alignment = wanted.alignment != 0 ? wanted.alignment : 16;
    if (wanted.alignment == 0) {
        // A nested struct is natural when it can be; its alignment is then that of its members.
        if (auto natural = try_place(layout, inner, wanted, false, 8)) return *natural;
    }
    if (auto natural = try_place(layout, inner, wanted, false, max_alignment)) return *natural;
    const Wanted as_packed{wanted.size, wanted.alignment, wanted.room};
    const std::uint64_t packed_alignment = wanted.alignment != 0 ? wanted.alignment : 1;
    if (auto packed = try_place(layout, inner, as_packed, true, packed_alignment)) return *packed;
    throw Error(ErrorCode::BadInput, {"no C struct can be written for the layout", "struct " + name, "",
                                      "gaps that cannot be declared", ""});
}

// ---- enumerations

/// An enumeration as it is declared before the struct.
struct EnumDeclaration {
    std::string tag;
    ScalarType type{};
    std::vector<std::pair<std::string, std::int64_t>> enumerators;
    bool plain = false;   ///< what C makes of it is the recorded type
    bool scoped = false;  ///< a name of it is taken by another enumeration

    [[nodiscard]] bool same_as(const Element& element) const {
        return type == element.type && enumerators == element.enumerators;
    }
};

/// The types that GCC and Clang give an enumeration without a fixed type: unsigned int, or int when a value is
/// negative.
bool is_plain_enum(const Element& element) {
    bool negative = false;
    for (const auto& [name, value] : element.enumerators) {
        if (value < std::numeric_limits<std::int32_t>::min() || value > std::numeric_limits<std::int32_t>::max())
            return false;
        negative |= value < 0;
    }
    return element.type == (negative ? ScalarType::Int32 : ScalarType::UInt32);
}

/// `Color` of `enum ns::Color`; nothing when the spelling is no name of its own.
std::string tag_of(const Element& element) {
    std::string_view text = element.c_type;
    if (text.starts_with("enum ")) text.remove_prefix(5);
    if (const auto colon = text.rfind("::"); colon != std::string_view::npos) text.remove_prefix(colon + 2);
    static const std::set<std::string_view> kWords = {"bool",   "char",     "short", "int",    "long",
                                                      "signed", "unsigned", "float", "double", "enum",
                                                      "class",  "struct",   "_Bool", "size_t"};
    const bool usable = is_identifier(text) && !kWords.contains(text) && !text.ends_with("_t");
    return usable ? std::string(text) : std::string();
}

std::string identifier_of(std::string_view path) {
    std::string text(path);
    for (char& c : text) {
        if (!is_identifier(std::string_view(&c, 1)) && (c < '0' || c > '9')) c = '_';
    }
    return text;
}

class EnumRegister {
public:
    explicit EnumRegister(std::string struct_name) : struct_name_(std::move(struct_name)) {
        tags_.insert(struct_name_);
    }

    const EnumDeclaration& get(const Element& element) {
        const std::string wanted = tag_of(element);
        for (const auto& known : list_) {
            if (known.same_as(element) && (wanted.empty() || known.tag == wanted)) return known;
        }
        EnumDeclaration made;
        made.tag = wanted;
        if (made.tag.empty() || tags_.contains(made.tag))
            made.tag = struct_name_ + "_" + identifier_of(element.path) + "_enum";
        while (tags_.contains(made.tag)) made.tag += "_";
        tags_.insert(made.tag);
        made.type = element.type;
        made.enumerators = element.enumerators;
        for (const auto& [name, value] : element.enumerators)
            made.scoped |= names_.contains(name) || tags_.contains(name);
        made.plain = is_plain_enum(element) && !made.scoped;
        if (!made.scoped) {
            for (const auto& [name, value] : element.enumerators) names_.insert(name);
        }
        list_.push_back(std::move(made));
        return list_.back();
    }
    [[nodiscard]] const std::list<EnumDeclaration>& list() const noexcept { return list_; }

private:
    std::string struct_name_;
    std::set<std::string> tags_;
    std::set<std::string> names_;
    std::list<EnumDeclaration> list_;
};

std::string_view c_type_of(ScalarType type) {
    switch (type) {
        case ScalarType::Bool:
            return "bool";
        case ScalarType::Int8:
            return "int8_t";
        case ScalarType::UInt8:
            return "uint8_t";
        case ScalarType::Int16:
            return "int16_t";
        case ScalarType::UInt16:
            return "uint16_t";
        case ScalarType::Int32:
            return "int32_t";
        case ScalarType::UInt32:
            return "uint32_t";
        case ScalarType::Int64:
            return "int64_t";
        case ScalarType::UInt64:
            return "uint64_t";
        case ScalarType::Float32:
            return "float";
        case ScalarType::Float64:
            return "double";
        case ScalarType::Char:
            return "char";
        case ScalarType::Ref:
            return "ETALON_REF";
        case ScalarType::Uid:
            return "ETALON_UID";
        case ScalarType::File:
            return "ETALON_FILE";
    }
    return "?";
}

std::string enumerator_value(ScalarType type, std::int64_t value) {
    if (type == ScalarType::Bool) return value != 0 ? "true" : "false";
    if (type == ScalarType::UInt64) return fmt::format("{}u", static_cast<std::uint64_t>(value));
    // There is no literal for the smallest number: minus is an operator.
    if (value == std::numeric_limits<std::int64_t>::min()) return fmt::format("({} - 1)", value + 1);
    return fmt::format("{}", value);
}

/// Declares the enumeration once, whichever of several headers comes first. C11 cannot choose the size of an
/// enumeration: where C would choose another one, C gets the integer type (Clang takes the C++ form in C too).
std::string declare(const EnumDeclaration& declaration) {
    std::string list;
    for (const auto& [name, value] : declaration.enumerators) {
        if (!list.empty()) list += ", ";
        list += fmt::format("{} = {}", name, enumerator_value(declaration.type, value));
    }
    const std::string content =
        fmt::format("{} {} {} {}", declaration.tag, name_of(declaration.type), declaration.scoped, list);
    const std::string guard =
        fmt::format("ETALON_ENUM_{}_{}", declaration.tag, to_hex(sha256(as_bytes(content))).substr(0, 8));
    std::string out = fmt::format("#ifndef {0}\n#define {0}\n", guard);
    const std::string_view type = c_type_of(declaration.type);
    if (declaration.plain) {
        out += fmt::format("enum {} {{ {} }};\n", declaration.tag, list);
    } else {
        out += fmt::format("#ifdef __cplusplus\nenum {}{} : {} {{ {} }};\n", declaration.scoped ? "class " : "",
                           declaration.tag, type, list);
        if (!declaration.scoped) {
            out += fmt::format("#elif defined(__clang__)\nenum {0} : {1} {{ {2} }};\ntypedef enum {0} {0};\n",
                               declaration.tag, type, list);
        }
        out += fmt::format("#else\ntypedef {} {};\n#endif\n", type, declaration.tag);
    }
    return out + "#endif\n";
}

// ---- comments

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

/// One line that cannot end the comment it stands in.
std::string comment_text(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
        if (!space) {
            line += c;
        } else if (!line.empty() && line.back() != ' ') {
            line += ' ';
        }
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return replaced(replaced(std::move(line), "*/", "* /"), "/*", "/ *");
}

/// The first or last word of a text in lower case.
std::string word_at(std::string_view text, bool last) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t begin = last ? text.size() : 0;
    std::size_t end = begin;
    if (last) {
        while (begin > 0 && is_letter(text[begin - 1])) --begin;
    } else {
        while (end < text.size() && is_letter(text[end])) ++end;
    }
    std::string word(text.substr(begin, end - begin));
    for (char& c : word) c = static_cast<char>(c | 0x20);
    return word;
}

/// Words that, behind a unit or before a default, take it back (reflect/units.h), so that a mark must stand between.
bool takes_back(const std::string& word) {
    static const std::set<std::string_view> kWords = {
        "was", "were",   "until", "till", "previously", "formerly", "not",      "no",      "used",   "is",
        "are", "before", "in",    "old",  "former",     "previous", "original", "earlier", "without"};
    return kWords.contains(word);
}

/// Unit, comment and default so that reading them gives the same. A unit that is not taken from brackets alone is said
/// to be one.
std::string element_comment(const Element& element, bool is_taken) {
    std::string text = comment_text(element.comment);
    // A comment as written may hold unit and default already.
    if (const auto at = text.find("default:"); at != std::string::npos && element.default_value) text.erase(at);
    const std::string name = comment_text(element.unit);
    const std::string unit = "[" + name + "]";
    std::string out;
    const auto say = [&](const std::string& part) {
        if (!part.empty()) out += (out.empty() ? "" : " ") + part;
    };
    if (!element.unit.empty()) {
        say(is_taken ? unit : "unit: " + unit);
        if (text == name) text.clear();
        // As recorded, or as it was written: `[spill]` where a file of units defines it, `[degC] difference`.
        const auto symbol = comment_text(std::string(unit_symbol(element.unit)));
        const auto blank = symbol.rfind(' ');
        const auto apart =
            blank == std::string::npos ? unit : "[" + symbol.substr(0, blank) + "]" + symbol.substr(blank);
        for (const auto& written : {unit, "[" + symbol + "]", apart}) {
            const auto at = text.find(written);
            if (at == std::string::npos) continue;
            text.erase(at, written.size());
            // `unit: [x]` is there already.
            if (!is_taken && text.substr(0, at).ends_with("unit: ")) text.erase(at - 6, 6);
        }
        text = comment_text(text);
        if (takes_back(word_at(text, false))) out += ";";
    }
    say(comment_text(text));
    if (element.default_value) {
        if (takes_back(word_at(out, true))) out += ";";
        say("default: " + comment_text(*element.default_value));
    }
    return out;
}

// ---- the declaration

class Writer {
public:
    Writer(EnumRegister& enums, const UnitOfComment& read_back) : enums_(enums), read_back_(read_back) {}

    std::string attributes(const Placement& placement) const {
        std::string list;
        if (placement.packed) list = "packed";
        if (placement.aligned != 0) list += fmt::format("{}aligned({})", list.empty() ? "" : ", ", placement.aligned);
        return list.empty() ? "" : " __attribute__((" + list + "))";
    }

    void members(const LayoutStruct& layout, const Placement& placement, std::size_t depth, std::string& out) const {
        const std::string indent(depth * 4, ' ');
        for (std::size_t i = 0; i < layout.members.size(); ++i) {
            const LayoutMember& member = layout.members[i];
            gap(placement.gap_before[i], indent, out);
            std::string dims;
            for (const auto dim : member.element != nullptr ? member.element->dims : member.dims)
                dims += fmt::format("[{}]", dim);
            if (placement.member_aligned[i] != 0)
                dims += fmt::format(" __attribute__((aligned({})))", placement.member_aligned[i]);
            if (member.element != nullptr) {
                const Element& element = *member.element;
                out += fmt::format("{}{} {}{};{}\n", indent, type_of(element), member.name, dims,
                                   comment_of(layout, member, depth));
            } else {
                out += fmt::format("{}struct{} {{\n", indent, attributes(placement.nested[i]));
                members(*member.nested, placement.nested[i], depth + 1, out);
                out += fmt::format("{}}} {}{};\n", indent, member.name, dims);
            }
        }
        gap(placement.gap_after, indent, out);
    }

private:
    std::string comment_of(const LayoutStruct& layout, const LayoutMember& of, std::size_t depth) const {
        const Element& element = *of.element;
        const bool is_known = units_.knows(element.unit);
        std::string text = element_comment(element, is_known);
        const auto statements = statements_of(element, depth);
        if (text.empty() && statements.empty()) return text;
        if (is_known && read_back_ && !element.unit.empty()) {
            std::vector<std::string> others;
            for (const LayoutMember& member : layout.members) others.push_back(member.name);
            if (read_back_(text, of.name, others) != element.unit) text = element_comment(element, false);
        }
        if (statements.empty()) return "  /* " + text + " */";
        return "  /* " + text + (text.empty() ? statements.substr(statements.find_first_not_of(" \n*")) : statements) +
               " */";
    }

    /// `key:` and `limits:` begin lines of their own.
    static std::string statements_of(const Element& element, std::size_t depth) {
        const auto line = "\n" + std::string((depth + 1) * 4, ' ') + "* ";
        std::string text;
        if (element.key != 0) text += line + "key: " + std::to_string(element.key);
        if (element.limits.empty()) return text;
        std::string limits;
        for (const auto& limit : element.limits) limits += (limits.empty() ? "" : "; ") + limit;
        // Text as CSV escapes it, so that it cannot end the comment.
        for (auto at = limits.find("*/"); at != std::string::npos; at = limits.find("*/", at))
            limits.replace(at, 2, "*\\x2f");
        return text + line + "limits: " + limits;
    }

    std::string type_of(const Element& element) const {
        if (element.type == ScalarType::Ref) return fmt::format("ETALON_REF({})", element.target);
        if (element.enumerators.empty()) return std::string(c_type_of(element.type));
        const EnumDeclaration& declaration = enums_.get(element);
        return (declaration.plain ? "enum " : "") + declaration.tag;
    }

    /// In a packed struct an unnamed bit-field is that many bits of nothing. `unsigned` is what C11 promises to take.
    static void gap(std::uint64_t bytes, const std::string& indent, std::string& out) {
        if (bytes == 0) return;
        std::string list;
        const auto add = [&](int bits) { list += fmt::format("{}: {}", list.empty() ? "" : ", ", bits); };
        for (; bytes >= 4; bytes -= 4) add(32);
        if (bytes > 0) add(static_cast<int>(bytes) * 8);
        out += fmt::format("{}unsigned {};\n", indent, list);
    }

    EnumRegister& enums_;
    const UnitOfComment& read_back_;
    LazyUnits units_;
};

std::string unqualified(std::string_view name) {
    const auto colon = name.rfind("::");
    return std::string(colon == std::string_view::npos ? name : name.substr(colon + 2));
}

/// What a struct with references, identities or files needs before it: in C++ the structs that it refers to have to be
/// declared. Empty for others.
std::string declare_targets(const StructDefinition& definition) {
    if (std::ranges::none_of(definition.elements, [](const auto& element) { return is_identity(element.type); }))
        return {};
    std::string out = "#include <etalon/ref.h>\n";
    std::set<std::string> targets;
    for (const auto& element : definition.elements) {
        if (!element.target.empty() && element.target != definition.name) targets.insert(element.target);
    }
    if (targets.empty()) return out;
    out += "#ifdef __cplusplus\n";
    for (const auto& target : targets) {
        const auto colon = target.rfind("::");
        if (colon == std::string::npos) {
            out += fmt::format("struct {};\n", target);
        } else {
            out += fmt::format("namespace {} {{ struct {}; }}\n", target.substr(0, colon), unqualified(target));
        }
    }
    return out + "#endif\n";
}

}  // namespace

std::string to_c_header(const StructDefinition& definition, const UnitOfComment& read_back) {
    if (const auto findings = validate(definition); !findings.empty()) {
        throw Error(ErrorCode::BadInput,
                    {"no C header can be written", "struct " + definition.name, "", findings.front(), ""});
    }
    if (definition.alignment > kMaxAlign) {
        throw Error(ErrorCode::BadInput,
                    {"no C header can be written", "struct " + definition.name, "", "its alignment", ""});
    }
    const LayoutStruct layout = build_layout_tree(definition);
    const Placement placement =
        place(layout, {definition.size, definition.alignment, definition.size}, definition.name);
    const std::string name = unqualified(definition.name);

    EnumRegister enums(name);
    const Writer writer(enums, read_back);
    std::string body;
    writer.members(layout, placement, 1, body);

    const std::string guard = "ETALON_STRUCT_" + replaced(definition.name, "::", "_") + "_H";
    std::string out = fmt::format("#ifndef {0}\n#define {0}\n\n#include <stdbool.h>\n#include <stdint.h>\n", guard);
    out += declare_targets(definition) + "\n";
    for (const auto& declaration : enums.list()) out += declare(declaration) + "\n";
    if (const std::string comment = comment_text(definition.comment); !comment.empty())
        out += "/* " + comment + " */\n";
    out += fmt::format("struct{} {} {{\n{}}};\n\n#endif\n", writer.attributes(placement), name, body);
    return out;
}

}  // namespace etalon::schema
