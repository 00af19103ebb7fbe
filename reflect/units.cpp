#include "reflect/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "schema/units.h"

namespace etalon::reflect {
namespace {

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool is_high(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view word) noexcept {
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// A unit symbol. `prefixes`: the one-letter SI prefixes that people use with it (rare ones would turn acronyms into
/// units: `MC`, `PS`). `alone`: unmistakable as the whole of a comment.
struct Symbol {
    std::string_view name;
    std::string_view prefixes;
    bool alone;
};

// Case matters here: mV is not MV.
constexpr std::array kSymbols{
    Symbol{"m", "fpnumcdk", true},
    Symbol{"s", "fpnum", true},
    Symbol{"g", "numk", true},
    Symbol{"A", "fpnumk", true},
    Symbol{"V", "numkM", true},
    Symbol{"W", "pnumkMGT", true},
    Symbol{"J", "numkMG", true},
    Symbol{"N", "numkM", true},
    Symbol{"K", "num", true},
    Symbol{"C", "fpnum", true},
    Symbol{"F", "fpnum", true},
    Symbol{"H", "num", true},
    Symbol{"T", "num", true},
    Symbol{"S", "num", false},
    Symbol{"G", "km", false},
    Symbol{"eV", "numkMGTPE", true},
    Symbol{"Hz", "mkMGT", true},
    Symbol{"Pa", "mhkMG", true},
    Symbol{"bar", "umk", true},
    Symbol{"ohm", "umkMG", true},
    Symbol{"Ohm", "umkMG", true},
    Symbol{"\xCE\xA9", "umkMG", true},
    Symbol{"\xE2\x84\xA6", "umkMG", true},
    Symbol{"rad", "num", true},
    Symbol{"deg", "m", true},
    Symbol{"sr", "num", true},
    Symbol{"Bq", "mkMGT", true},
    Symbol{"Ci", "numk", false},
    Symbol{"Gy", "numk", true},
    Symbol{"Sv", "num", true},
    Symbol{"Wb", "m", true},
    Symbol{"lx", "k", false},
    Symbol{"lm", "", false},
    Symbol{"cd", "", false},
    Symbol{"mol", "numk", true},
    Symbol{"b", "fpnumk", false},
    Symbol{"barn", "fpnum", false},
    Symbol{"l", "umcd", false},
    Symbol{"L", "umcd", false},
    Symbol{"h", "", false},
    Symbol{"d", "", false},
    Symbol{"hr", "", false},
    Symbol{"hrs", "", true},
    Symbol{"min", "", false},
    Symbol{"c", "", false},
    Symbol{"B", "kMGT", false},
    Symbol{"bps", "kMG", true},
    Symbol{"KiB", "", true},
    Symbol{"MiB", "", true},
    Symbol{"GiB", "", true},
    Symbol{"dB", "", true},
    Symbol{"dBm", "", true},
    Symbol{"ppm", "", true},
    Symbol{"ppb", "", true},
    Symbol{"%", "", true},
    Symbol{"\xE2\x80\xB0", "", true},
    Symbol{"\xC2\xB0", "", true},
    Symbol{"\xC2\xB0"
           "C",
           "", true},
    Symbol{"\xC2\xB0"
           "F",
           "", true},
    Symbol{"degC", "", true},
    Symbol{"degF", "", true},
    Symbol{"degK", "", true},
    Symbol{"atm", "", true},
    Symbol{"torr", "m", true},
    Symbol{"Torr", "m", true},
    Symbol{"mmHg", "", true},
    Symbol{"psi", "", true},
    Symbol{"rpm", "", true},
    Symbol{"cps", "", true},
    Symbol{"sccm", "", true},
    Symbol{"ft", "", false},
    Symbol{"arcsec", "m", true},
    Symbol{"arcmin", "", true},
    Symbol{"mas", "", false},
    Symbol{"ADU", "", true},
    Symbol{"MIP", "", false},
    Symbol{"MIPs", "", true},
    Symbol{"e-", "", true},
    Symbol{"p.e.", "", true},
    Symbol{"X0", "", false},
    Symbol{"ha", "", false},
    Symbol{"amu", "", true},
    Symbol{"u", "", false},
    Symbol{"VA", "k", false},
    Symbol{"Wh", "kM", true},
    Symbol{"Ah", "m", true},
};

/// Written-out names, any case, also with a plural `s` and the word or letter of a prefix where `prefixed`.
struct Name {
    std::string_view name;
    bool prefixed;
    bool alone;  ///< the singular; a plural always is
};
constexpr std::array kNames{
    Name{"meter", true, true},        Name{"metre", true, true},        Name{"micron", false, true},
    Name{"second", true, false},      Name{"sec", true, true},          Name{"minute", false, false},
    Name{"hour", false, false},       Name{"day", false, false},        Name{"week", false, false},
    Name{"month", false, false},      Name{"year", false, false},       Name{"gram", true, true},
    Name{"volt", true, true},         Name{"ampere", true, true},       Name{"amp", true, false},
    Name{"coulomb", true, true},      Name{"tesla", true, true},        Name{"gauss", true, true},
    Name{"hertz", true, true},        Name{"kelvin", true, true},       Name{"celsius", false, true},
    Name{"fahrenheit", false, true},  Name{"pascal", true, true},       Name{"farad", true, true},
    Name{"henry", true, false},       Name{"watt", true, true},         Name{"joule", true, true},
    Name{"newton", true, false},      Name{"electronvolt", true, true}, Name{"degree", false, false},
    Name{"radian", true, true},       Name{"steradian", false, true},   Name{"percent", false, true},
    Name{"permille", false, true},    Name{"count", false, false},      Name{"bin", false, false},
    Name{"pad", false, false},        Name{"channel", false, false},    Name{"strip", false, false},
    Name{"pixel", false, false},      Name{"tick", false, false},       Name{"timebin", false, false},
    Name{"timebucket", false, false}, Name{"bit", true, false},         Name{"byte", true, false},
    Name{"photon", false, false},     Name{"electron", false, false},   Name{"photoelectron", false, false},
    Name{"inch", false, false},       Name{"liter", true, true},        Name{"litre", true, true},
    Name{"mole", true, false},        Name{"sievert", true, true},      Name{"becquerel", true, true},
    Name{"adc", false, false},        Name{"dac", false, false},        Name{"tdc", false, false},
    Name{"event", false, false},      Name{"hit", false, false},        Name{"bunch", false, false},
};
constexpr std::array<std::string_view, 10> kPrefixWords{"femto", "pico", "nano", "micro", "milli",
                                                        "centi", "kilo", "mega", "giga",  "tera"};
/// Plurals that are prose more often than a unit when they stand alone.
constexpr std::array<std::string_view, 3> kProsePlurals{"events", "hits", "adcs"};
/// Symbols with prefix that are words: never the whole of a comment.
constexpr std::array<std::string_view, 3> kNeverAlone{"pm", "mb", "nb"};

bool has_micro_prefix(std::string_view prefix) noexcept {
    return prefix == "u" || prefix == "mu" || prefix == "\xC2\xB5" || prefix == "\xCE\xBC";
}

struct Match {
    bool known = false;
    bool alone = false;
};

Match match_symbol(std::string_view word) {
    for (const Symbol& symbol : kSymbols) {
        if (!word.ends_with(symbol.name)) continue;
        const std::string_view prefix = word.substr(0, word.size() - symbol.name.size());
        if (prefix.empty()) return {true, symbol.alone};
        const bool one = prefix.size() == 1 && symbol.prefixes.find(prefix) != std::string_view::npos;
        const bool micro = has_micro_prefix(prefix) && symbol.prefixes.find('u') != std::string_view::npos;
        if (!one && !micro) continue;
        const bool word_like = contains(kNeverAlone, word) || symbol.name == "b" || symbol.name == "l" ||
                               symbol.name == "L" || symbol.name == "S" || symbol.name == "barn";
        return {true, !word_like};
    }
    return {};
}

Match match_name(std::string_view word) {
    const std::string text = lower(word);
    for (const Name& name : kNames) {
        for (const bool plural : {false, true}) {
            std::string form(name.name);
            if (plural) form += form.ends_with("ch") ? "es" : "s";
            if (!text.ends_with(form)) continue;
            const std::string_view prefix = std::string_view(text).substr(0, text.size() - form.size());
            const bool alone = (plural || name.alone) && !contains(kProsePlurals, text);
            if (prefix.empty()) return {true, alone};
            if (!name.prefixed) continue;
            if (contains(kPrefixWords, prefix)) return {true, true};
            if (name.name == "sec" && prefix.size() == 1 &&
                std::string_view("fpnum").find(prefix) != std::string_view::npos)
                return {true, true};
            if (name.name == "sec" && has_micro_prefix(prefix)) return {true, true};
            if (name.name == "gauss" && prefix == "k") return {true, true};
        }
    }
    return {};
}

Match match_word(std::string_view word) {
    const Match symbol = match_symbol(word);
    return symbol.known ? symbol : match_name(word);
}

/// `adc counts`, `time bins`: what is counted stands before the noun.
bool is_counted_phrase(std::string_view first, std::string_view second) {
    constexpr std::array<std::string_view, 6> kCounted{"adc", "dac", "tdc", "qdc", "time", "raw"};
    constexpr std::array<std::string_view, 14> kNouns{"count",    "counts", "bin",   "bins",   "channel",
                                                      "channels", "unit",   "units", "bucket", "buckets",
                                                      "tick",     "ticks",  "value", "values"};
    return contains(kCounted, lower(first)) && contains(kNouns, lower(second));
}

/// Recursive descent over a unit expression.
class UnitParser {
public:
    explicit UnitParser(std::string_view text) : text_(text) {}

    bool parse() {
        if (!expression()) return false;
        blanks();
        return at_ == text_.size() && words_ > 0;
    }
    [[nodiscard]] bool is_single_word() const noexcept { return words_ == 1 && !compound_; }
    [[nodiscard]] bool has_number() const noexcept { return has_number_; }
    [[nodiscard]] bool all_single_letters() const noexcept { return single_letters_ == words_; }
    [[nodiscard]] bool alone() const noexcept { return alone_; }

private:
    void blanks() noexcept {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool take(std::string_view token) noexcept {
        if (text_.substr(at_, token.size()) != token) return false;
        at_ += token.size();
        return true;
    }

    bool expression() {
        if (++depth_ > 16 || !factor()) return false;
        for (;;) {
            const std::size_t before = at_;
            blanks();
            if (take("/") || take("*") || take("\xC2\xB7") || take("\xC3\x97") || take("\xE2\x8B\x85") ||
                (peek() == '.' && (is_letter(peek(1)) || is_high(peek(1))) && take("."))) {
                compound_ = true;
                blanks();
                if (!factor()) return false;
                continue;
            }
            if (take("per ")) {
                compound_ = true;
                blanks();
                if (!factor()) return false;
                continue;
            }
            // A product written with a blank; the next thing must be a unit, not a number (`bit 3` is an index).
            if (at_ > before && (is_letter(peek()) || is_high(peek()) || peek() == '%' || peek() == '(')) {
                compound_ = true;
                if (!factor()) return false;
                continue;
            }
            --depth_;
            return true;
        }
    }

    bool factor() {
        if (take("(")) {
            compound_ = true;
            if (!expression()) return false;
            blanks();
            return take(")") && exponent();
        }
        if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
        if (take("sqrt(")) {
            compound_ = true;
            if (!expression()) return false;
            blanks();
            return take(")");
        }
        if (take("\xE2\x88\x9A")) {
            compound_ = true;
            return factor();
        }
        return word() && exponent();
    }

    bool digits() noexcept {
        const std::size_t before = at_;
        while (is_digit(peek())) ++at_;
        return at_ > before;
    }

    bool number() noexcept {
        const std::size_t before = at_;
        digits();
        if (peek() == '.' && is_digit(peek(1))) {
            ++at_;
            digits();
        }
        const bool is_one = text_.substr(before, at_ - before) == "1";
        if ((peek() == 'e' || peek() == 'E') &&
            (is_digit(peek(1)) || ((peek(1) == '-' || peek(1) == '+') && is_digit(peek(2))))) {
            at_ += 2;
            digits();
        } else if (is_one && (peek() == '/' || is_space(peek()))) {
            std::size_t ahead = 0;
            while (is_space(peek(ahead))) ++ahead;
            if (peek(ahead) == '/') {
                compound_ = true;
                return true;  // 1/cm has no factor
            }
        }
        const std::size_t mark = at_;
        if (take("^") || take("**")) {
            if (peek() == '-' || peek() == '+') ++at_;
            if (!digits()) at_ = mark;
        }
        has_number_ = true;
        compound_ = true;
        return true;
    }

    bool exponent() noexcept {
        static constexpr std::array<std::string_view, 5> kSuper{"\xC2\xB2", "\xC2\xB3", "\xC2\xB9", "\xE2\x81\xBB",
                                                                "\xE2\x81\xB4"};
        bool super = false;
        for (bool again = true; again;) {
            again = false;
            for (const std::string_view mark : kSuper) {
                if (take(mark)) super = again = compound_ = true;
            }
        }
        if (super) return true;
        if (take("^") || take("**")) {
            compound_ = true;
            if (take("(")) {
                if (peek() == '-' || peek() == '+') ++at_;
                if (!digits()) return false;
                if (take("/") && !digits()) return false;
                return take(")");
            }
            if (peek() == '-' || peek() == '+') ++at_;
            if (!digits()) return false;
            if (peek() == '.' && is_digit(peek(1))) {
                ++at_;
                digits();
            }
            return true;
        }
        // `cm2`, `s-1`
        const bool sign = (peek() == '-' || peek() == '+') && last_word_ != "N";
        const char power = peek(sign ? 1 : 0);
        if (!is_digit(power)) return true;
        compound_ = true;
        // `A8` and `s16` are names; nobody writes such a power without its mark.
        at_ += sign ? 2 : 1;
        return power >= '1' && power <= '6' && !is_digit(peek());
    }

    std::string_view letters() noexcept {
        const std::size_t before = at_;
        while (is_letter(peek()) || peek() == '%' || is_unit_byte()) ++at_;
        return text_.substr(before, at_ - before);
    }
    /// Bytes of UTF-8 letters and signs, but not of superscripts and product signs.
    [[nodiscard]] bool is_unit_byte() const noexcept {
        if (!is_high(peek())) return false;
        for (const std::string_view sign : {"\xC2\xB2", "\xC2\xB3", "\xC2\xB9", "\xC2\xB7", "\xC3\x97"}) {
            if (text_.substr(at_, 2) == sign) return false;
        }
        for (const std::string_view sign : {"\xE2\x81\xBB", "\xE2\x81\xB4", "\xE2\x8B\x85", "\xE2\x88\x9A"}) {
            if (text_.substr(at_, 3) == sign) return false;
        }
        return true;
    }

    bool word() {
        for (const std::string_view literal : {"e^-", "e-", "p.e.", "X0"}) {
            if (take(literal)) {
                note(literal, {true, literal != "X0"});
                return true;
            }
        }
        std::string_view name = letters();
        if (name.empty()) return false;
        // `mm Hg`, `deg C` and counted nouns are one unit in two words.
        const std::size_t behind = at_;
        if (is_space(peek())) {
            blanks();
            const std::string_view second = letters();
            const bool pressure = (name == "mm" && second == "Hg") || (name == "cm" && second == "H");
            const bool degrees = (lower(name) == "deg" || lower(name) == "degrees" || lower(name) == "degree") &&
                                 (second == "C" || second == "F" || second == "K" || lower(second) == "celsius");
            if (is_counted_phrase(name, second) || pressure || degrees) {
                if (second == "H" && !take("2O")) return false;
                note("..", {true, true});
                return true;
            }
            at_ = behind;
        }
        const Match match = match_word(name);
        if (!match.known) return false;
        note(name, match);
        return true;
    }

    void note(std::string_view word, Match match) {
        ++words_;
        if (word.size() == 1) ++single_letters_;
        last_word_ = word;
        alone_ = match.alone;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int words_ = 0;
    int single_letters_ = 0;
    bool compound_ = false;
    bool has_number_ = false;
    bool alone_ = false;
    std::string_view last_word_;
};

/// Upper-case pairs that people write for something else: not applicable, hardware, input/output.
bool is_abbreviation(std::string_view text) {
    if (text == "N/A" || text == "n/a") return true;
    if (text.size() != 3 || text[1] != '/') return false;
    constexpr std::array<std::string_view, 8> kRealRatios{"J/K", "W/K", "J/C", "V/A", "V/K", "C/V", "V/s", "N/C"};
    return text[0] >= 'A' && text[0] <= 'Z' && text[2] >= 'A' && text[2] <= 'Z' && !contains(kRealRatios, text);
}

/// `(cm)` is `cm`, `(a)/(b)` is itself.
std::string_view without_parentheses(std::string_view text) noexcept {
    if (text.size() < 2 || text.front() != '(') return text;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && --depth == 0) return i + 1 == text.size() ? trim(text.substr(1, i - 1)) : text;
    }
    return text;
}

/// The whole of a comment: only what cannot be prose.
bool is_only_unit(std::string_view text, std::string_view element_name) {
    text = without_parentheses(text);
    if (text.empty() || text.size() > 60 || lower(text) == lower(element_name) || is_abbreviation(text)) return false;
    UnitParser parser(text);
    if (!parser.parse()) return false;
    if (parser.has_number()) return text.starts_with("10^") || text.starts_with("1e-") || text.starts_with("10**");
    if (parser.is_single_word()) return parser.alone();
    // `A B`, `s t`: letters side by side are labels, unless an operator joins them.
    if (parser.all_single_letters() && text.find_first_of("/*^.") == std::string_view::npos &&
        text.find(' ') != std::string_view::npos) {
        return text == "N m" || text == "A s" || text == "V s" || text == "W s" || text == "T m" || text == "J s";
    }
    return true;
}

/// Text in brackets that is no known unit may still be one (`[clock cycles]`), when it is words and operators only.
bool may_be_unit(std::string_view text) {
    // What brackets hold in C comments beside units: directions, remarks, index names, prose.
    static constexpr std::array<std::string_view, 64> kProse{
        "in",    "out",   "inout",  "in/out", "optional", "deprecated", "unused", "reserved", "sic",    "note",
        "todo",  "fixme", "see",    "index",  "idx",      "sector",     "row",    "col",      "column", "module",
        "layer", "side",  "ladder", "wafer",  "plane",    "axis",       "id",     "num",      "no",     "not",
        "was",   "must",  "should", "only",   "the",      "this",       "for",    "from",     "if",     "when",
        "or",    "and",   "with",   "is",     "are",      "a",          "an",     "to",       "of",     "by",
        "i",     "j",     "k",      "n",      "x",        "y",          "z",      "p",        "max",    "size",
        "len",   "none",  "since",  "old"};
    int words = 0;
    std::size_t at = 0;
    if (!is_letter(text.front()) && !is_high(text.front()) && text.front() != '%' && text.front() != '(' &&
        !is_digit(text.front())) {
        return false;
    }
    while (at < text.size()) {
        const char c = text[at];
        if (is_letter(c) || is_high(c)) {
            const std::size_t begin = at;
            while (at < text.size() && (is_letter(text[at]) || is_high(text[at]))) ++at;
            const std::string word = lower(text.substr(begin, at - begin));
            if (contains(kProse, word) || word.size() == 1 || ++words > 4) return false;
            // A digit that hangs on an unknown word makes an identifier (`v2`, `x1`).
            if (at < text.size() && is_digit(text[at]) && !match_word(text.substr(begin, at - begin)).known)
                return false;
            continue;
        }
        if (is_digit(c)) {
            // Numbers lead (`10 ns`), or are exponents.
            const bool leads = at == 0 || (at == 1 && text[0] == '(');
            const bool exponent = at > 0 && (text[at - 1] == '^' || text[at - 1] == '-' || is_letter(text[at - 1]));
            const bool one = c == '1' && at + 1 < text.size() && (text[at + 1] == '/' || text[at + 1] == ' ');
            if (!leads && !exponent && !one) return false;
            while (at < text.size() && (is_digit(text[at]) || text[at] == '.')) ++at;
            continue;
        }
        if (c == '-' || c == '+') {
            // `pads - 1` and `N-1` are index arithmetic; a sign belongs behind `^`.
            if (at == 0 || text[at - 1] != '^') return false;
        } else if (std::string_view(" /*^().%'").find(c) == std::string_view::npos) {
            return false;
        }
        if (c == '.' && at + 1 < text.size() && text[at + 1] == '.') return false;
        ++at;
    }
    return words > 0 || text.find('%') != std::string_view::npos;
}

/// `[NPADS]`, `[MAXROWS]`: the bound of an array.
bool is_count_macro(std::string_view text) {
    const bool upper = std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    return upper && text.size() > 3 && (text.starts_with("N") || text.starts_with("MAX") || text.starts_with("MIN"));
}

bool has_letter_or_percent(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_high(c) || c == '%'; });
}

/// Decides about the text between brackets at `open` of the comment.
bool is_bracketed_unit(std::string_view comment, std::size_t open, std::size_t close) {
    const std::string_view text = trim(comment.substr(open + 1, close - open - 1));
    // `[spill where spill = 12 s]` says what it means.
    if (text.find(" where ") != std::string_view::npos) return schema::make_units()->knows(text);
    if (text.empty() || text.size() > 60 || !has_letter_or_percent(text) || is_abbreviation(text)) return false;
    if (close + 1 < comment.size() && comment[close + 1] == '[') return false;  // hit[i][j]
    const char before = open > 0 ? comment[open - 1] : ' ';
    UnitParser parser(text);
    // `delta_degC`: of names with `_`, those that are units are.
    const bool has_underscore = text.find('_') != std::string_view::npos;
    const bool known = parser.parse() || (has_underscore && schema::make_units()->knows(text));
    if (is_letter(before) || is_digit(before) || before == '_' || before == ']' || before == ')') {
        // Behind a name it is an index, unless it can only be a unit: time[us], not a[m].
        return before != ']' && known && text.size() > 1;
    }
    if (known) return text != "c";
    return !is_count_macro(text) && may_be_unit(text);
}

}  // namespace

bool is_known_unit(std::string_view text) {
    return UnitParser(trim(text)).parse();
}

std::string find_unit(std::string_view comment, std::string_view element_name) {
    for (std::size_t open = comment.find('['); open != std::string_view::npos; open = comment.find('[', open + 1)) {
        const std::size_t close = comment.find(']', open);
        if (close == std::string_view::npos) break;
        if (!is_bracketed_unit(comment, open, close)) continue;
        std::string unit(trim(comment.substr(open + 1, close - open - 1)));
        // `[degC] difference`
        const bool is_difference = trim(comment.substr(close + 1)).starts_with("difference");
        return is_difference && schema::make_units()->has_offset(unit) ? unit + " difference" : unit;
    }
    const std::string_view whole = trim(comment);
    if (is_only_unit(whole, element_name)) {
        return std::string(without_parentheses(whole));
    }
    return {};
}

std::optional<std::string> find_default(std::string_view comment) {
    const std::string folded = lower(comment);
    for (std::size_t at = folded.find("default"); at != std::string::npos; at = folded.find("default", at + 1)) {
        if (at > 0 && (is_letter(folded[at - 1]) || is_digit(folded[at - 1]) || folded[at - 1] == '_')) continue;
        std::size_t value = at + 7;
        while (value < comment.size() && is_space(comment[value])) ++value;
        if (value >= comment.size() || comment[value] != ':') continue;
        std::string_view rest = trim(comment.substr(value + 1));
        if (rest.empty()) continue;
        if (rest.front() == '"') {
            std::size_t end = 1;
            while (end < rest.size() && (rest[end] != '"' || (end + 1 < rest.size() && rest[end + 1] == '"'))) {
                end += rest[end] == '"' ? 2 : 1;
            }
            if (end < rest.size()) return std::string(rest.substr(0, end + 1));
            continue;
        }
        if (rest.front() == '{') {
            const std::size_t end = rest.find('}');
            if (end != std::string_view::npos) return std::string(rest.substr(0, end + 1));
            continue;
        }
        std::size_t end = 0;
        while (end < rest.size() && !is_space(rest[end]) && rest[end] != ',' && rest[end] != ';' && rest[end] != ')' &&
               rest[end] != ']') {
            ++end;
        }
        std::string_view word = rest.substr(0, end);
        while (word.size() > 1 && word.back() == '.') word.remove_suffix(1);
        if (!word.empty()) return std::string(word);
    }
    return std::nullopt;
}

}  // namespace etalon::reflect
