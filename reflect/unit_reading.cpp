#include "reflect/unit_reading.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "reflect/defaults.h"
#include "reflect/units.h"
#include "reflect/words.h"
#include "schema/units.h"

namespace etalon::reflect {
namespace {

/// Brackets in a text.
struct Bracket {
    std::size_t open = 0;
    std::size_t close = 0;
    std::string_view text;
    Content content = Content::Nothing;
};

std::vector<Bracket> find_brackets(std::string_view text) {
    std::vector<Bracket> found;
    for (std::size_t open = text.find('['); open != std::string_view::npos; open = text.find('[', open + 1)) {
        const std::size_t close = text.find(']', open);
        if (close == std::string_view::npos) break;
        Bracket one{open, close, trim(text.substr(open + 1, close - open - 1)), Content::Nothing};
        for (const std::string_view word : {"units:", "unit:"}) {
            if (lower(one.text).starts_with(word)) one.text = trim(one.text.substr(word.size()));
        }
        one.content = content_of(one.text);
        const char before = open > 0 ? text[open - 1] : ' ';
        const bool is_doubled = close + 1 < text.size() && text[close + 1] == '[';  // hit[i][j]
        if (is_letter(before) || is_digit(before) || before == '_' || before == ']' || before == ')') {
            // Behind a name it is an index, unless it can only be a unit: time[us], not a[m].
            const bool only_unit = is_known_unit(one.text) && one.text.size() > 1 && before != ']';
            if (!only_unit || is_doubled) one.content = Content::Nothing;
        } else if (is_doubled && one.content != Content::Text) {
            one.content = Content::Nothing;
        }
        found.push_back(one);
        open = close;
    }
    return found;
}

/// Words of a text in lower case, with marks of their own: `.`, `;`, `(`, `)`, `:`, `,`.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        const auto in_word = [&](std::size_t i) {
            return i < text.size() &&
                   (is_letter(text[i]) || is_digit(text[i]) || text[i] == '_' || text[i] == '\'' || is_high(text[i]));
        };
        if (!in_word(at)) {
            if (!is_space(text[at])) words.emplace_back(1, text[at]);
            ++at;
            continue;
        }
        const std::size_t begin = at;
        while (in_word(at)) ++at;
        words.emplace_back(text.substr(begin, at - begin));
    }
    return words;
}

template <std::size_t N>
bool has_any(const std::vector<std::string>& words, std::size_t from, const std::array<std::string_view, N>& list) {
    return std::any_of(words.begin() + static_cast<std::ptrdiff_t>(std::min(from, words.size())), words.end(),
                       [&](const std::string& word) { return contains(list, lower(word)); });
}

/// Where the sentence that ends a text begins: behind `. `, `; ` or a line end.
std::size_t sentence_begin(std::string_view text) {
    for (std::size_t at = text.size(); at-- > 1;) {
        if (text[at - 1] == ';' ||
            (is_space(text[at]) && (text[at - 1] == '.' || text[at - 1] == '!' || text[at - 1] == '?')))
            return at;
    }
    return 0;
}

bool names_same(const std::string& subject, std::string_view element) {
    const std::string a = lower(subject);
    const std::string b = lower(element);
    return a.size() > 1 && (b.find(a) != std::string::npos || a.find(b) != std::string::npos);
}

/// Why `[unit]` behind these words is no unit of the element; empty when it is one.
std::string_view objection(std::string_view before, std::string_view element_name,
                           const std::vector<std::string>& others) {
    static constexpr std::string_view kTakenBack = "the words before it say that it is, or was, another one";
    static constexpr std::string_view kOfOther = "it is said of something else";
    const std::size_t begin = sentence_begin(before);
    std::vector<std::string> words = words_of(before.substr(begin));
    static constexpr std::array<std::string_view, 11> kAnywhere{"formerly", "previously", "unlike",       "instead",
                                                                "multiply", "multiplied", "historically", "divide",
                                                                "divided",  "conversion", "convert"};
    if (has_any(words, 0, kAnywhere)) return kTakenBack;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const std::string first = lower(words[i]);
        const std::string second = lower(words[i + 1]);
        if ((first == "used" && second == "to") || (first == "no" && second == "longer")) return kTakenBack;
        const bool dated = is_digit(second.front()) || second == "run" || second == "version";
        if ((first == "before" || first == "until" || first == "till") && dated) return kTakenBack;
    }
    static constexpr std::array<std::string_view, 13> kNear{
        "was", "were", "not", "isn't", "wasn't", "once", "rather", "never", "nor", "originally", "than", "old", "see"};
    const bool says_in = !words.empty() && (lower(words.back()) == "in" || lower(words.back()) == "as");
    const std::size_t reach = says_in ? 5 : 1;
    if (has_any(words, words.size() > reach ? words.size() - reach : 0, kNear)) return kTakenBack;

    // Inside parentheses only `(in [cm])` is about the element.
    for (std::size_t i = words.size(); i-- > 0;) {
        if (words[i] == ")") break;
        if (words[i] != "(") continue;
        static constexpr std::array<std::string_view, 5> kUnitWords{"in", "unit", "units", ":", "as"};
        if (!std::all_of(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end(),
                         [&](const std::string& word) { return contains(kUnitWords, lower(word)); })) {
            return kOfOther;
        }
        words.resize(i);
        break;
    }
    if (words.empty()) return {};

    // `<subject> is given in [cm]`
    static constexpr std::array<std::string_view, 12> kVerbs{
        "in", "given", "measured", "stored", "expressed", "as", "always", "recorded", "kept", "both", "all", "also"};
    std::size_t end = words.size();
    while (end > 0 && contains(kVerbs, lower(words[end - 1]))) --end;
    static constexpr std::array<std::string_view, 6> kIs{"is", "are", "has", "have", "uses", "use"};
    const bool has_verb = end > 1 && contains(kIs, lower(words[end - 1]));
    const auto is_other = [&](const std::string& word) {
        return word != element_name && std::find(others.begin(), others.end(), word) != others.end();
    };
    if (has_verb) {
        const std::string& subject = words[end - 2];
        static constexpr std::array<std::string_view, 14> kGeneric{"it",     "this",    "value",   "values",  "unit",
                                                                   "units",  "which",   "that",    "all",     "entries",
                                                                   "number", "numbers", "element", "elements"};
        if (is_other(subject)) return kOfOther;
        if (begin > 0 && !contains(kGeneric, lower(subject)) && !names_same(subject, element_name)) return kOfOther;
        return {};
    }
    // `id of the wire, gain in [V]`: of the gain, but not `error of the gain in [V]`.
    if (end > 0 && (words[end - 1] == ":" || words[end - 1] == "=")) --end;
    if (end == 1 && begin > 0 && is_other(words[0])) return kOfOther;
    if (end > 1 && is_other(words[end - 1])) {
        std::size_t at = end - 1;
        if (lower(words[at - 1]) == "the" && at > 1) --at;
        static constexpr std::array<std::string_view, 12> kOf{"of", "on", "for",     "from", "in",   "per",
                                                              "at", "to", "between", "and",  "into", "within"};
        const std::string word = lower(words[at - 1]);
        const bool prose = is_letter(word.front()) && word != "see" && word != "like" && word != "as" && word != "with";
        if (!contains(kOf, word) && !prose) return kOfOther;
        if (word == "see" || word == "like" || word == "as" || word == "with") return kOfOther;
    }
    return {};
}

/// The same for what follows a unit that a sentence begins with.
bool is_taken_back_behind(std::string_view behind) {
    const std::vector<std::string> words = words_of(behind.substr(0, 80));
    if (words.empty()) return false;
    static constexpr std::array<std::string_view, 10> kWords{"was",  "were",     "until", "till", "previously",
                                                             "once", "formerly", "never", "no",   "not"};
    const std::string first = lower(words[0]);
    if (contains(kWords, first)) return true;
    const std::string second = words.size() > 1 ? lower(words[1]) : "";
    if (first == "used" && second == "to") return true;
    if ((first == "is" || first == "are") &&
        (second == "not" || second == "no" || second == "wrong" || second == "for"))
        return true;
    if (first == "before" || first == "in") {
        return second == "old" || second == "run" || second == "version" ||
               (!second.empty() && is_digit(second.front()));
    }
    return false;
}

/// What is behind a unit, or in front of it, and does not make a sentence of it.
bool is_only_marks(std::string_view text, const std::vector<Bracket>& brackets, std::size_t offset) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto inside =
            std::find_if(brackets.begin(), brackets.end(), [&](const Bracket& one) { return one.open == offset + at; });
        if (inside != brackets.end()) {
            if (inside->content != Content::Nothing) return false;
            at = inside->close - offset;
            continue;
        }
        if (!is_space(text[at]) && std::string_view(".,;:!?-*()").find(text[at]) == std::string_view::npos)
            return false;
    }
    return true;
}

/// The value behind `unit:`, from its first word to where it ends.
std::string unit_value(std::string_view rest) {
    rest = trim(rest);
    if (rest.starts_with("[")) {
        const auto close = rest.find(']');
        return close == std::string_view::npos ? std::string() : std::string(trim(rest.substr(1, close - 1)));
    }
    rest = trim(rest.substr(0, rest.find_first_of(";,]\n")));
    // The longest beginning that is a unit; else the first word.
    for (std::size_t end = rest.size(); end != std::string_view::npos && end > 0;) {
        std::string_view part = trim(rest.substr(0, end));
        while (part.size() > 1 && part.back() == '.' && !part.ends_with("p.e.")) part.remove_suffix(1);
        if (!part.empty() && is_known_unit(without_parentheses(part))) return std::string(without_parentheses(part));
        end = rest.find_last_of(" \t", end - 1);
    }
    std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    while (word.size() > 1 && word.back() == '.') word.remove_suffix(1);
    return std::string(word);
}

/// Where `unit:` or `units:` stands as a word; npos when nowhere. `end`: behind the colon.
std::size_t find_unit_word(std::string_view text, std::size_t& end) {
    const std::string folded = lower(text);
    for (std::size_t at = folded.find("unit"); at != std::string::npos; at = folded.find("unit", at + 1)) {
        if (at > 0 && (is_letter(text[at - 1]) || is_digit(text[at - 1]) || text[at - 1] == '_')) continue;
        std::size_t colon = at + 4;
        if (colon < text.size() && folded[colon] == 's') ++colon;
        while (colon < text.size() && is_space(text[colon])) ++colon;
        if (colon >= text.size() || text[colon] != ':') continue;
        end = colon + 1;
        return at;
    }
    return std::string_view::npos;
}

/// Prose behind `unit:`.
bool is_no_unit_word(std::string_view word) {
    constexpr std::array<std::string_view, 14> kWords{"none", "no",  "see",     "same",    "various",   "n/a", "as",
                                                      "tbd",  "the", "unknown", "depends", "arbitrary", "any", "not"};
    return word.empty() || contains(kWords, lower(word));
}

/// Reads one sentence or paragraph of a comment.
class SectionReader {
public:
    SectionReader(std::string_view text, std::string_view element_name, const std::vector<std::string>& others,
                  UnitReading& reading)
        : text_(text),
          element_name_(element_name),
          others_(others),
          reading_(reading),
          brackets_(find_brackets(text)) {}

    /// `is_whole`: the text is the whole comment, which may be nothing but a unit.
    void read(bool is_whole) {
        // Nothing but one word, which somebody may know as a unit: `[wibbles]`, not `[WIP]` or `[unused]`.
        if (is_whole && brackets_.size() == 1 && brackets_[0].content == Content::Text &&
            is_only_marks(text_.substr(0, brackets_[0].open), {}, 0) &&
            is_only_marks(text_.substr(brackets_[0].close + 1), {}, 0)) {
            const std::string_view word = brackets_[0].text;
            const bool plain =
                word.size() > 2 && std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
            if (plain && !is_remark(word)) brackets_[0].content = Content::Unit;
        }
        // What it begins with comes first, then what it says outright, then the rest.
        for (const Bracket& one : brackets_) {
            if (one.content == Content::Unit && begins_with(one)) read(one);
        }
        if (read_unit_word()) return;
        for (const Bracket& one : brackets_) {
            if (one.content == Content::Text) {
                reading_.texts.push_back({std::string(one.text), "it is no unit that is known (`unit: [" +
                                                                     std::string(one.text) + "]` makes it one)"});
            } else if (one.content == Content::Unit && !begins_with(one)) {
                read(one);
            }
        }
        if (brackets_.empty() && is_whole && is_only_unit(trim(text_), element_name_))
            take(std::string(without_parentheses(trim(text_))));
    }

private:
    [[nodiscard]] bool begins_with(const Bracket& one) const {
        return is_only_marks(text_.substr(0, one.open), brackets_, 0);
    }

    /// `unit: cm`
    bool read_unit_word() {
        std::size_t end = 0;
        const std::size_t at = find_unit_word(text_, end);
        if (at == std::string_view::npos) return false;
        const std::string value = unit_value(text_.substr(end));
        const auto why = objection(text_.substr(0, at), element_name_, others_);
        if (is_no_unit_word(value)) {
            if (!value.empty()) reading_.texts.push_back({value, "it does not name a unit"});
        } else if (!why.empty()) {
            reading_.texts.push_back({value, std::string(why)});
        } else {
            take(value);
        }
        return true;
    }

    void read(const Bracket& one) {
        const std::string_view before = text_.substr(0, one.open);
        std::string_view behind = text_.substr(one.close + 1);
        // `[degC] difference`
        constexpr std::string_view kDifference = "difference";
        const bool is_difference = trim(behind).starts_with(kDifference) && schema::make_units()->has_offset(one.text);
        if (is_difference) behind.remove_prefix(behind.find(kDifference) + kDifference.size());
        const bool begins = begins_with(one);
        const bool ends = is_only_marks(behind, brackets_, text_.size() - behind.size());
        std::string why;
        const auto last = before.find_last_not_of(' ');
        const auto first = behind.find_first_not_of(' ');
        constexpr std::string_view kOperators = "/*^";
        const bool is_part =
            (last != std::string_view::npos && kOperators.find(before[last]) != std::string_view::npos) ||
            (first != std::string_view::npos && kOperators.find(behind[first]) != std::string_view::npos);
        if (is_part) {
            why = "it is a part of something: write the whole in one pair of brackets";
        } else if (begins) {
            if (!ends && is_taken_back_behind(behind)) why = "the words behind it take it back";
        } else if (!ends) {
            why = "it stands inside a sentence: write it first or last";
        } else {
            why = objection(before, element_name_, others_);
            const bool others = std::any_of(brackets_.begin(), brackets_.end(), [&](const Bracket& other) {
                return other.content == Content::Unit && other.text != one.text;
            });
            if (why.empty() && others && reading_.unit.empty()) why = "the comment has other units, too";
        }
        if (why.empty())
            take(std::string(one.text) + (is_difference ? " difference" : ""));
        else
            reading_.texts.push_back({std::string(one.text), why});
    }

    void take(std::string unit) {
        if (reading_.unit.empty())
            reading_.unit = std::move(unit);
        else if (unit != reading_.unit)
            reading_.texts.push_back({std::move(unit), "[" + reading_.unit + "] stands before it"});
    }

    std::string_view text_;
    std::string_view element_name_;
    const std::vector<std::string>& others_;
    UnitReading& reading_;
    std::vector<Bracket> brackets_;
};

}  // namespace

UnitReading read_unit(std::string_view comment, std::string_view element_name, const std::vector<std::string>& others) {
    // A declared default is no part of the sentence.
    std::string text(comment);
    while (const auto found = find_default(text)) {
        std::size_t begin = found->begin;
        std::size_t end = found->end;
        while (end < text.size() && (text[end] == ',' || text[end] == ';' || text[end] == ' ')) ++end;
        while (begin > 0 && (text[begin - 1] == ',' || text[begin - 1] == ';' || text[begin - 1] == ' ')) --begin;
        const bool in_parentheses = begin > 0 && text[begin - 1] == '(' && end < text.size() && text[end] == ')';
        if (in_parentheses) {
            --begin;
            ++end;
        }
        text.replace(begin, end - begin, begin > 0 && end < text.size() ? " " : "");
    }
    UnitReading reading;
    const bool is_one = text.find('\n') == std::string::npos;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        SectionReader(trim(std::string_view(text).substr(at, end - at)), element_name, others, reading).read(is_one);
        at = end + 1;
    }
    return reading;
}

std::optional<DefaultText> find_default(std::string_view comment) {
    const std::string folded = lower(comment);
    for (std::size_t at = folded.find("default"); at != std::string::npos; at = folded.find("default", at + 1)) {
        if (at > 0 && (is_letter(folded[at - 1]) || is_digit(folded[at - 1]) || folded[at - 1] == '_')) continue;
        std::size_t value = at + 7;
        const auto skip_blanks = [&] {
            while (value < comment.size() && is_space(comment[value])) ++value;
        };
        skip_blanks();
        if (folded.compare(value, 5, "value") == 0) {
            value += 5;
            skip_blanks();
        }
        if (value >= comment.size() || (comment[value] != ':' && comment[value] != '=')) continue;
        if (comment.substr(value, 2) == "==" || comment.substr(value, 2) == "::") continue;
        ++value;
        skip_blanks();
        const std::string_view rest = comment.substr(value);
        if (rest.empty()) continue;
        std::size_t end = 0;
        if (rest.front() == '"') {
            end = 1;
            while (end < rest.size() && (rest[end] != '"' || (end + 1 < rest.size() && rest[end + 1] == '"'))) {
                end += rest[end] == '"' ? 2 : 1;
            }
            if (end >= rest.size()) end = rest.find_first_of(" \t\n");
            if (end == std::string_view::npos) end = rest.size() - 1;
            ++end;
        } else if (rest.front() == '{' && rest.find('}') != std::string_view::npos) {
            end = length_of_list(rest);
            if (end == 0) end = rest.find('}') + 1;
        } else if (rest.size() > 2 && rest.front() == '\'' &&
                   rest.find('\'', rest[1] == '\\' ? 3 : 2) != std::string_view::npos) {
            end = rest.find('\'', rest[1] == '\\' ? 3 : 2) + 1;
        } else {
            // A comma that no blank follows is part of the value, which then is none: 1,5.
            const auto is_comma = [&](std::size_t i) {
                return rest[i] == ',' && (i + 1 >= rest.size() || is_space(rest[i + 1]));
            };
            while (end < rest.size() && !is_space(rest[end]) && !is_comma(end) && rest[end] != ';' &&
                   rest[end] != ')' && rest[end] != ']') {
                ++end;
            }
        }
        std::string_view word = trim(rest.substr(0, end));
        while (word.size() > 1 && word.back() == '.') word.remove_suffix(1);
        if (word.empty()) continue;
        static constexpr std::array<std::string_view, 9> kOld{"old", "former", "previous", "original", "was",
                                                              "no",  "not",    "earlier",  "without"};
        const auto before = words_of(comment.substr(0, at));
        const bool retracted = !before.empty() && contains(kOld, lower(before.back()));
        return DefaultText{std::string(word), at, value + end, retracted};
    }
    return std::nullopt;
}

}  // namespace etalon::reflect
