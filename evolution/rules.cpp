// Reading and writing files of rules.
#include "evolution/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/bytes.h"
#include "base/number_text.h"
#include "base/printable.h"
#include "etalon/error.h"
#include "schema/definition.h"

namespace etalon::evolution {
namespace {

constexpr std::size_t kLeastDigits = 8;
constexpr std::size_t kMostDigits = 64;
constexpr std::size_t kMostProblems = 10;

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string_view take_word(std::string_view& rest) {
    rest = trimmed(rest);
    const auto end = std::min(rest.find_first_of(" \t"), rest.size());
    const auto word = rest.substr(0, end);
    rest = trimmed(rest.substr(end));
    return word;
}

/// The line without its comment: a `#` that is not within double quotes.
std::string_view without_comment(std::string_view line) {
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') quoted = !quoted;
        if (line[i] == '#' && !quoted) return line.substr(0, i);
    }
    return line;
}

/// `10`, `-2.5`, `1/25.4`
std::optional<double> read_number(std::string_view text) {
    double value = 0;
    const auto slash = text.find('/');
    if (parse_float(text.substr(0, slash), value) != FloatParse::Ok || !std::isfinite(value)) return std::nullopt;
    if (slash == std::string_view::npos) return value;
    double divisor = 0;
    if (parse_float(text.substr(slash + 1), divisor) != FloatParse::Ok || !std::isfinite(divisor) || divisor == 0)
        return std::nullopt;
    const double quotient = value / divisor;
    return std::isfinite(quotient) ? std::optional(quotient) : std::nullopt;
}

std::string number_text(double value) {
    std::string text;
    append_float(text, value);
    return text;
}

/// What a decimal of at most so many digits says, it says exactly; one with more is what a computation left of a
/// number.
constexpr std::size_t kMostWrittenDigits = 15;

bool is_written(const std::string& number) {
    const auto mantissa = number.substr(0, number.find('e'));
    std::string digits;
    for (const char c : mantissa) {
        if (c >= '0' && c <= '9' && (c != '0' || !digits.empty())) digits += c;
    }
    return digits.size() <= kMostWrittenDigits || digits.find_last_not_of('0') < kMostWrittenDigits;
}

/// The same without rounding, from the text in which it is stored.
void make_exact(schema::UnitConversion& scale) {
    const auto factor = number_text(scale.scale);
    const auto offset = number_text(scale.offset);
    if (is_written(factor) && is_written(offset)) scale.exact = schema::read_exact_scale(factor, offset);
}

std::string scale_text(const schema::UnitConversion& scale) {
    std::string text = " by " + number_text(scale.scale);
    if (scale.offset != 0) text += (scale.offset < 0 ? " minus " : " plus ") + number_text(std::abs(scale.offset));
    return text;
}

class Reader {
public:
    Reader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

    std::vector<RuleSet> read() {
        while (!text_.empty()) {
            const auto end = std::min(text_.find('\n'), text_.size());
            ++line_;
            read_line(trimmed(without_comment(text_.substr(0, end))));
            text_.remove_prefix(std::min(end + 1, text_.size()));
        }
        if (struct_name_.empty() && problems_.empty()) problem("no struct is named", "struct NAME", "nothing");
        if (!problems_.empty()) {
            std::string all = problems_.front();
            for (std::size_t i = 1; i < std::min(problems_.size(), kMostProblems); ++i) all += "; " + problems_[i];
            if (problems_.size() > kMostProblems) all += fmt::format("; and {} more", problems_.size() - kMostProblems);
            throw Error(ErrorCode::BadInput,
                        {"a file of rules cannot be read", std::string(name_), "", all, "nothing was taken from it"});
        }
        return std::move(sets_);
    }

private:
    void problem(std::string_view what, std::string_view expected, std::string_view found) {
        problems_.push_back(fmt::format("line {}: {}, expected {}, found '{}'", std::max<std::uint64_t>(line_, 1), what,
                                        expected, excerpt(found)));
    }

    void read_line(std::string_view line) {
        if (line.empty()) return;
        auto rest = line;
        const auto word = take_word(rest);
        if (word == "struct") return read_struct(rest, line);
        if (struct_name_.empty()) {
            // The file may be anything: it is not printed.
            if (problems_.empty()) problem("a rule before the struct is named", "struct NAME first", "another word");
            return;
        }
        if (word == "from") return read_section(rest, line);
        const bool known = word == "rename" || word == "scale" || word == "move" || word == "fill" || word == "allow" ||
                           word == "distinct";
        if (!known) return problem("no such rule", "from, rename, scale, move, fill, allow loss or distinct", line);
        if (sets_.empty()) return problem("a rule before its layouts are named", "from HASH to HASH first", line);
        Rule rule;
        rule.line = line_;
        auto behind = rest;
        const bool of_struct = (word == "rename" || word == "distinct") && take_word(behind) == "struct";
        if (of_struct) rest = behind;
        const bool good = word == "rename"  ? read_rename(rest, rule)
                          : word == "scale" ? read_scale(rest, rule)
                          : word == "move"  ? read_move(rest, rule)
                          : word == "fill"  ? read_fill(rest, rule)
                          : word == "allow" ? read_allow(rest, rule)
                                            : read_distinct(rest, rule);
        if (!good) return;
        // No path is called `struct`, which is a word of C.
        if (of_struct) rule.kind = word == "rename" ? RuleKind::RenameStruct : RuleKind::DistinctStruct;
        sets_.back().rules.push_back(std::move(rule));
    }

    void read_struct(std::string_view rest, std::string_view line) {
        const auto name = take_word(rest);
        if (name.empty() || !rest.empty()) return problem("a struct is named", "struct NAME", line);
        if (!struct_name_.empty()) return problem("a second struct", "one file for each struct", line);
        struct_name_ = name;
    }

    void read_section(std::string_view rest, std::string_view line) {
        RuleSet set;
        set.struct_name = struct_name_;
        set.source = name_;
        set.line = line_;
        const auto from = take_word(rest);
        const auto to_word = take_word(rest);
        const auto to = take_word(rest);
        if (to_word != "to" || to.empty() || !rest.empty())
            return problem("layouts are named", "from HASH to HASH", line);
        for (const auto& [digits, target] : {std::pair{from, &set.from}, std::pair{to, &set.to}}) {
            const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
            for (const char c : digits) *target += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
            if (digits.size() < kLeastDigits || digits.size() > kMostDigits || !std::ranges::all_of(*target, is_hex)) {
                return problem("a layout is named", "8 to 64 hexadecimal digits of its hash (see etalon schema)",
                               digits);
            }
        }
        // In either direction: every section is read backwards, too.
        const auto same = std::ranges::find_if(sets_, [&](const auto& known) {
            return (is_named(known.from, set.from) && is_named(known.to, set.to)) ||
                   (is_named(known.from, set.to) && is_named(known.to, set.from));
        });
        if (same != sets_.end()) {
            problem("a second section for these two layouts",
                    fmt::format("all rules between them in the section of line {}", same->line), line);
        }
        sets_.push_back(std::move(set));
    }

    bool read_arrow(std::string_view& rest, Rule& rule, std::string_view form) {
        const auto whole = rest;
        rule.from = take_word(rest);
        const auto arrow = take_word(rest);
        rule.to = take_word(rest);
        if (!rule.from.empty() && arrow == "->" && !rule.to.empty()) return true;
        problem("a rule of another form", form, whole);
        return false;
    }

    bool at_end(std::string_view rest, std::string_view form) {
        if (rest.empty()) return true;
        problem("more behind a rule", form, rest);
        return false;
    }

    bool read_rename(std::string_view rest, Rule& rule) {
        rule.kind = RuleKind::Rename;
        return read_arrow(rest, rule, "rename OLD -> NEW") && at_end(rest, "rename OLD -> NEW");
    }

    bool read_factor(std::string_view& rest, Rule& rule) {
        const auto factor = take_word(rest);
        const auto scale = read_number(factor);
        if (!scale || *scale == 0 || !std::isfinite(1 / *scale)) {
            problem("a factor", "a finite number other than zero, with a finite inverse, or a quotient such as 1/25.4",
                    factor);
            return false;
        }
        rule.is_scaled = true;
        rule.scale.scale = *scale;
        make_exact(rule.scale);
        if (rest.empty()) return true;
        const auto sign = take_word(rest);
        const auto text = take_word(rest);
        const auto offset = read_number(text);
        if ((sign != "plus" && sign != "minus") || !offset || !std::isfinite(*offset / *scale)) {
            problem("behind a factor", "plus NUMBER or minus NUMBER", fmt::format("{} {}", sign, text));
            return false;
        }
        rule.scale.offset = sign == "minus" ? -*offset : *offset;
        rule.scale.exact = nullptr;
        make_exact(rule.scale);
        return true;
    }

    bool read_scale(std::string_view rest, Rule& rule) {
        constexpr std::string_view kForm = "scale NEW by FACTOR [plus OFFSET]";
        rule.kind = RuleKind::Scale;
        const auto whole = rest;
        rule.to = take_word(rest);
        if (rule.to.empty() || take_word(rest) != "by" || rest.empty()) {
            problem("a rule of another form", kForm, whole);
            return false;
        }
        return read_factor(rest, rule) && at_end(rest, kForm);
    }

    bool read_move(std::string_view rest, Rule& rule) {
        constexpr std::string_view kForm = "move OLD -> NEW [by FACTOR [plus OFFSET]]";
        rule.kind = RuleKind::Move;
        if (!read_arrow(rest, rule, kForm)) return false;
        if (rest.empty()) return true;
        if (take_word(rest) != "by") return at_end(rest.empty() ? "by" : rest, kForm);
        return read_factor(rest, rule) && at_end(rest, kForm);
    }

    bool read_fill(std::string_view rest, Rule& rule) {
        rule.kind = RuleKind::Fill;
        const auto equals = rest.find('=');
        rule.to = trimmed(rest.substr(0, std::min(equals, rest.size())));
        if (equals != std::string_view::npos) rule.value = trimmed(rest.substr(equals + 1));
        if (!rule.to.empty() && !rule.value.empty() && rule.to.find_first_of(" \t") == std::string::npos) return true;
        problem("a rule of another form", "fill NEW = VALUE", rest);
        return false;
    }

    bool read_allow(std::string_view rest, Rule& rule) {
        rule.kind = RuleKind::AllowLoss;
        const auto whole = rest;
        const auto loss = take_word(rest);
        rule.to = take_word(rest);
        if (loss == "loss" && !rule.to.empty() && rest.empty()) return true;
        problem("a rule of another form", "allow loss NEW", whole);
        return false;
    }

    bool read_distinct(std::string_view rest, Rule& rule) {
        rule.kind = RuleKind::Distinct;
        const auto comma = rest.find(',');
        rule.from = trimmed(rest.substr(0, std::min(comma, rest.size())));
        if (comma != std::string_view::npos) rule.to = trimmed(rest.substr(comma + 1));
        const bool good = !rule.from.empty() && !rule.to.empty() && rule.to.find(',') == std::string::npos &&
                          (rule.from + rule.to).find_first_of(" \t") == std::string::npos;
        if (!good) problem("a rule of another form", "distinct OLD, NEW", rest);
        return good;
    }

    std::string_view text_;
    std::string_view name_;
    std::uint64_t line_ = 0;
    std::string struct_name_;
    std::vector<RuleSet> sets_;
    std::vector<std::string> problems_;
};

}  // namespace

std::vector<RuleSet> read_rules(std::string_view text, std::string_view name) {
    return Reader(text, name).read();
}

std::string to_text(const Rule& rule) {
    switch (rule.kind) {
        case RuleKind::Rename:
            return "rename " + rule.from + " -> " + rule.to;
        case RuleKind::Scale:
            return "scale " + rule.to + scale_text(rule.scale);
        case RuleKind::Move:
            return "move " + rule.from + " -> " + rule.to + (rule.is_scaled ? scale_text(rule.scale) : "");
        case RuleKind::Fill:
            return "fill " + rule.to + " = " + rule.value;
        case RuleKind::Distinct:
            return "distinct " + rule.from + ", " + rule.to;
        case RuleKind::AllowLoss:
            return "allow loss " + rule.to;
        case RuleKind::RenameStruct:
            return "rename struct " + rule.from + " -> " + rule.to;
        case RuleKind::DistinctStruct:
            return "distinct struct " + rule.from + ", " + rule.to;
    }
    return "";
}

std::string to_text(const RuleSet& rules) {
    std::string text = "from " + rules.from + " to " + rules.to + "\n";
    for (const auto& rule : rules.rules) text += "  " + to_text(rule) + "\n";
    return text;
}

std::string layout_name(const StructDefinition& definition) {
    return to_hex(schema::definition_hash(definition));
}

bool is_named(std::string_view layout_name, std::string_view digits) noexcept {
    const auto length = std::min(layout_name.size(), digits.size());
    return layout_name.substr(0, length) == digits.substr(0, length);
}

}  // namespace etalon::evolution
