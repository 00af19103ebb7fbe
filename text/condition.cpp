// Conditions as people write them.

#include "etalon/condition.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.h"
#include "base/nearest.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "schema/value_text.h"
#include "text/text.h"

namespace etalon {
namespace {

using Kind = Condition::Kind;

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kExample = "for example: 'gain[2] > 3.5' or 'label = \"left\" and not side in (1, 2)'";
constexpr std::string_view kQuote = "text that holds such characters stands in double quotes";

bool is_space(char c) {
    return kSpace.find(c) != std::string_view::npos;
}

bool is_word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_parameter_name(std::string_view name) {
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') && std::ranges::all_of(name, is_word_char);
}

/// A word of the language, in either case; `word` is in lower case.
bool is_word(std::string_view text, std::string_view word) {
    return std::ranges::equal(
        text, word, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

/// Position behind a text in double quotes that begins at `at`; nothing when it is not closed.
std::optional<std::size_t> behind_quotes(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at) {
        if (text[at] != '"') continue;
        if (at + 1 < text.size() && text[at + 1] == '"') {
            ++at;
            continue;
        }
        return at + 1;
    }
    return std::nullopt;
}

/// The end of a value without quotes that begins at `at`: several words may make it, up to `and`, `or`, a closing
/// parenthesis of around it, or, in a list, a comma.
std::size_t end_of_bare(std::string_view text, std::size_t at, bool in_list) {
    std::size_t end = at;
    std::size_t open = 0;
    while (at < text.size()) {
        if (is_space(text[at])) {
            ++at;
            continue;
        }
        std::size_t stop = at;
        bool is_over = false;
        while (stop < text.size() && !is_space(text[stop])) {
            const char c = text[stop];
            if ((c == ')' && open == 0) || (c == ',' && in_list && open == 0)) {
                is_over = true;
                break;
            }
            if (c == '(') ++open;
            if (c == ')') --open;
            ++stop;
        }
        const auto word = text.substr(at, stop - at);
        if (is_word(word, "and") || is_word(word, "or")) return end;
        if (stop > at) end = stop;
        if (is_over) return end;
        at = stop;
    }
    return end;
}

/// True when a value reads as it stands, without quotes.
bool is_bare(std::string_view text, bool in_list) {
    if (text.empty() || is_space(text.front()) || is_space(text.back())) return false;
    if (std::string_view("'\"(:=<>!),").find(text.front()) != std::string_view::npos) return false;
    if (text.find_first_of("=<>") != std::string_view::npos && text.find_first_of(kSpace) != std::string_view::npos) {
        return false;
    }
    return end_of_bare(text, 0, in_list) == text.size();
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Condition parse() {
        skip_space();
        if (at_ == text_.size()) refuse("no condition", "PATH, a comparison, and a value", at_);
        auto condition = any(0);
        if (at_ < text_.size()) {
            if (text_[at_] == ')') refuse("a closing parenthesis without its opening one", "the end, and or or", at_);
            refuse("text behind a condition", "the end, and or or", at_);
        }
        return condition;
    }

private:
    [[noreturn]] void refuse(std::string what, std::string expected, std::size_t at,
                             std::string_view advice = kExample) const {
        // Characters, not bytes.
        const auto column = 1 + std::ranges::count_if(text_.substr(0, at), [](char c) {
                                return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                            });
        throw Error(ErrorCode::Usage,
                    {std::move(what), "condition " + schema::shown(text_) + ", column " + std::to_string(column),
                     std::move(expected), at == text_.size() ? "the end" : schema::shown(text_.substr(at)),
                     std::string(advice)});
    }

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    /// What stands there up to a blank or one of the signs of the language.
    [[nodiscard]] std::string_view peek_word() const {
        const auto end = text_.find_first_of(" \t\r\n=!<>(),\"'", at_);
        return text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    }

    bool take_word(std::string_view word) {
        if (!is_word(peek_word(), word)) return false;
        at_ += word.size();
        skip_space();
        return true;
    }

    bool take(char c) {
        if (at_ == text_.size() || text_[at_] != c) return false;
        ++at_;
        skip_space();
        return true;
    }

    Condition any(std::size_t depth) {
        return chain(Kind::Or, "or", [&] { return all(depth); });
    }

    Condition all(std::size_t depth) {
        return chain(Kind::And, "and", [&] { return one(depth); });
    }

    template <class Part>
    Condition chain(Kind kind, std::string_view word, const Part& part) {
        auto first = part();
        if (!is_word(peek_word(), word)) return first;
        Condition joined{.kind = kind};
        joined.parts.push_back(std::move(first));
        while (take_word(word)) joined.parts.push_back(part());
        return joined;
    }

    void check_depth(std::size_t depth) const {
        if (depth < kMostNesting) return;
        refuse("a condition nested too deep", std::to_string(kMostNesting) + " levels at most", at_, "");
    }

    static Condition negated(Condition condition) {
        Condition out{.kind = Kind::Not};
        out.parts.push_back(std::move(condition));
        return out;
    }

    Condition one(std::size_t depth) {
        if (at_ < text_.size() && text_[at_] == '(') {
            check_depth(depth);
            const auto open = at_;
            take('(');
            auto inner = any(depth + 1);
            if (!take(')')) {
                if (at_ == text_.size()) refuse("a parenthesis without its closing one", ")", open);
                refuse("text behind a condition", "), and or or", at_);
            }
            return inner;
        }
        if (is_word(peek_word(), "not") && !is_path_behind("not")) {
            check_depth(depth);
            take_word("not");
            return negated(one(depth + 1));
        }
        return test();
    }

    /// True when a comparison stands behind the word, which is an element's name then.
    [[nodiscard]] bool is_path_behind(std::string_view word) const {
        const auto next = text_.find_first_not_of(kSpace, at_ + word.size());
        return next != std::string_view::npos && std::string_view("=!<>").find(text_[next]) != std::string_view::npos;
    }

    Condition test() {
        const auto path = peek_word();
        if (path.empty()) {
            refuse(at_ == text_.size() ? "a condition that breaks off" : "a condition without an element",
                   "the path of an element, not or (", at_);
        }
        at_ += path.size();
        skip_space();
        Condition out{.path = std::string(path)};
        if (take_word("is")) {
            const bool is_not = take_word("not");
            if (!take_word("null")) refuse("is stands before null", is_not ? "null" : "null or not null", at_);
            out.kind = Kind::IsNull;
            return is_not ? negated(std::move(out)) : out;
        }
        const auto begin = at_;
        const bool is_not = take_word("not");
        if (take_word("in")) {
            out.kind = Kind::In;
            if (!take('(')) refuse("in stands before a list", "( and values apart by commas", at_);
            do out.values.push_back(value(true));
            while (take(','));
            if (!take(')')) refuse("a list without its end", ") or a comma", at_);
            return is_not ? negated(std::move(out)) : out;
        }
        if (take_word("like")) {
            out.kind = Kind::Like;
            out.values.push_back(value(false));
            return is_not ? negated(std::move(out)) : out;
        }
        if (is_not) refuse("not stands before in or like here", "in or like", begin);
        out.kind = Kind::Compare;
        out.op = comparison();
        out.values.push_back(value(false));
        return out;
    }

    ValueOp comparison() {
        using Word = std::pair<std::string_view, ValueOp>;
        // Longer ones first: `<=` is not `<`.
        static constexpr std::array<Word, 7> kWords{{{"==", ValueOp::Equal},
                                                     {"!=", ValueOp::NotEqual},
                                                     {"<=", ValueOp::LessOrEqual},
                                                     {">=", ValueOp::GreaterOrEqual},
                                                     {"=", ValueOp::Equal},
                                                     {"<", ValueOp::Less},
                                                     {">", ValueOp::Greater}}};
        for (const auto& [word, op] : kWords) {
            if (!text_.substr(at_).starts_with(word)) continue;
            at_ += word.size();
            skip_space();
            return op;
        }
        refuse("a condition without a comparison", "= != < <= > >=, in, like or is null", at_);
    }

    ValueFilter::Value value(bool in_list) {
        const auto begin = at_;
        if (at_ == text_.size()) refuse("a condition without a value", "a value", at_);
        const char first = text_[at_];
        if (first == '"') {
            const auto end = behind_quotes(text_, at_);
            if (!end) refuse("text without its closing double quote", "\"text\"", at_);
            at_ = *end;
            if (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ')' && !(in_list && text_[at_] == ',')) {
                refuse("something right behind a text in double quotes", "a blank", at_,
                       "a double quote within the text is doubled");
            }
            ValueText quoted{std::string(text_.substr(begin, at_ - begin))};
            skip_space();
            return quoted;
        }
        if (std::string_view("'=<>!(,").find(first) != std::string_view::npos) {
            refuse("a value cannot begin so", "a number, a word, or text in double quotes", at_, kQuote);
        }
        const auto end = end_of_bare(text_, at_, in_list);
        if (end == begin) refuse("a condition without a value", "a value", at_, kQuote);
        const auto bare = text_.substr(begin, end - begin);
        // Of `a = x b = y` nobody can say what is meant.
        const auto sign = bare.find_first_of("=<>");
        if (sign != std::string_view::npos && bare.find_first_of(kSpace) != std::string_view::npos) {
            refuse("a comparison within a value", "and or or before the next condition", begin + sign, kQuote);
        }
        at_ = end;
        skip_space();
        if (first == ':') {
            if (!is_parameter_name(bare.substr(1))) {
                refuse("no name of a parameter", ": and a name of letters, digits and _", begin, kQuote);
            }
            return Parameter{std::string(bare.substr(1))};
        }
        return ValueText{std::string(bare)};
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::string format_value(const ValueFilter::Value& value, bool in_list) {
    struct Format {
        bool in_list;
        std::string operator()(bool flag) const { return flag ? "true" : "false"; }
        std::string operator()(std::int64_t number) const { return std::to_string(number); }
        std::string operator()(std::uint64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const {
            std::string out;
            append_float(out, number);
            return out;
        }
        std::string operator()(const std::string& text) const { return text::in_quotes(text); }
        std::string operator()(const ValueText& value) const {
            const auto& text = value.text;
            const bool is_quoted = text.starts_with('"') && behind_quotes(text, 0) == text.size();
            return is_quoted || is_bare(text, in_list) ? text : text::in_quotes(text);
        }
        std::string operator()(const Parameter& parameter) const { return ":" + parameter.name; }
        std::string operator()(const ObjectId& id) const { return to_hex(std::as_bytes(std::span(id.bytes))); }
    };
    return std::visit(Format{in_list}, value);
}

void append(std::string& out, const Condition& condition);

/// With parentheses where the parts of `around` need them.
void append_part(std::string& out, const Condition& part, Kind around) {
    const bool is_chain = (part.kind == Kind::And || part.kind == Kind::Or) && part.parts.size() > 1;
    const bool needs = is_chain && !(around == Kind::Or && part.kind == Kind::And);
    if (needs) out += '(';
    append(out, part);
    if (needs) out += ')';
}

void append_test(std::string& out, const Condition& test, bool is_not) {
    const auto first = [&](bool in_list) {
        return test.values.empty() ? std::string("?") : format_value(test.values[0], in_list);
    };
    out += test.path;
    switch (test.kind) {
        case Kind::In: {
            out += is_not ? " not in (" : " in (";
            for (std::size_t i = 0; i < test.values.size(); ++i) {
                if (i != 0) out += ", ";
                out += format_value(test.values[i], true);
            }
            out += ')';
            return;
        }
        case Kind::Like:
            out += (is_not ? " not like " : " like ") + first(false);
            return;
        case Kind::IsNull:
            out += is_not ? " is not null" : " is null";
            return;
        default:
            out += ' ';
            out += name_of(test.op);
            out += ' ' + first(false);
    }
}

void append(std::string& out, const Condition& condition) {
    switch (condition.kind) {
        case Kind::Always:
            return;
        case Kind::And:
        case Kind::Or:
            for (std::size_t i = 0; i < condition.parts.size(); ++i) {
                if (i != 0) out += condition.kind == Kind::And ? " and " : " or ";
                append_part(out, condition.parts[i], condition.kind);
            }
            return;
        case Kind::Not: {
            if (condition.parts.empty()) return;
            const auto& part = condition.parts[0];
            if (part.kind == Kind::In || part.kind == Kind::Like || part.kind == Kind::IsNull) {
                return append_test(out, part, true);
            }
            out += "not ";
            if (part.kind == Kind::Compare) {
                out += '(';
                append(out, part);
                out += ')';
                return;
            }
            return append_part(out, part, Kind::Not);
        }
        case Kind::Compare:
        case Kind::In:
        case Kind::Like:
        case Kind::IsNull:
            return append_test(out, condition, false);
    }
}

template <class Use>
void for_each_value(const Condition& condition, const Use& use) {
    for (const auto& part : condition.parts) for_each_value(part, use);
    for (const auto& value : condition.values) use(value);
}

Condition replaced(const Condition& condition, const std::map<std::string, ValueFilter::Value>& values) {
    auto out = condition;
    for (auto& part : out.parts) part = replaced(part, values);
    for (auto& value : out.values) {
        if (const auto* parameter = std::get_if<Parameter>(&value))
            value = ValueFilter::Value(values.at(parameter->name));
    }
    return out;
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? ":" : ", :") + name;
    return out.empty() ? "none" : out;
}

}  // namespace

ValueFilter::operator Condition() const {
    return {.kind = Kind::Compare, .parts = {}, .path = path, .op = op, .values = {value}};
}

Condition all_of(std::vector<Condition> conditions) {
    std::erase_if(conditions, [](const Condition& one) { return one.kind == Kind::Always; });
    if (conditions.empty()) return {};
    if (conditions.size() == 1) return std::move(conditions.front());
    return {.kind = Kind::And, .parts = std::move(conditions)};
}

Condition parse_condition(std::string_view text) {
    return Parser(text).parse();
}

std::string format_condition(const Condition& condition) {
    std::string out;
    append(out, condition);
    return out;
}

std::vector<std::string> parameters_of(const Condition& condition) {
    std::vector<std::string> names;
    for_each_value(condition, [&](const ValueFilter::Value& value) {
        const auto* parameter = std::get_if<Parameter>(&value);
        if (parameter != nullptr && std::ranges::find(names, parameter->name) == names.end()) {
            names.push_back(parameter->name);
        }
    });
    return names;
}

Condition with_parameters(const Condition& condition, const std::map<std::string, ValueFilter::Value>& values) {
    const auto names = parameters_of(condition);
    for (const auto& [name, value] : values) {
        if (std::ranges::find(names, name) != names.end()) continue;
        throw Error(ErrorCode::Usage, {"the condition has no such parameter", "parameter " + schema::shown(name),
                                       listed(names), schema::shown(name), did_you_mean(name, names)});
    }
    for (const auto& name : names) {
        if (values.contains(name)) continue;
        throw Error(ErrorCode::Usage, {"a parameter without a value", "condition " + format_condition(condition),
                                       "a value for " + listed(names), "none for :" + name, ""});
    }
    return replaced(condition, values);
}

}  // namespace etalon
