#include "reflect/units.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>
#include <vector>

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
    Symbol{"s", "fpnumcd", true},
    Symbol{"g", "numk", true},
    Symbol{"A", "fpnumck", true},
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
    Symbol{"deg", "mc", true},
    Symbol{"degE7", "", true},
    Symbol{"degE5", "", true},
    Symbol{"cdegC", "", true},
    Symbol{"c%", "", true},
    Symbol{"d%", "", true},
    Symbol{"dam", "", false},
    Symbol{"hJ", "", true},
    Symbol{"pix", "d", true},
    Symbol{"Jy", "mukM", true},
    Symbol{"DN", "", false},
    Symbol{"LSB", "", false},
    Symbol{"sr", "num", true},
    Symbol{"Bq", "mkMGT", true},
    Symbol{"Ci", "numk", false},
    Symbol{"npe", "", false},
    Symbol{"pe", "", false},
    Symbol{"PE", "", false},
    Symbol{"BX", "", false},
    Symbol{"TiB", "", true},
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
    Symbol{"uas", "", true},
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
    Name{"sample", false, false},     Name{"step", false, false},       Name{"turn", false, false},
    Name{"cycle", false, false},      Name{"frame", false, false},      Name{"crossing", false, false},
    Name{"particle", false, false},   Name{"proton", false, false},     Name{"erg", false, true},
    Name{"dyne", false, true},        Name{"parsec", true, true},       Name{"angstrom", false, true},
    Name{"furlong", false, true},     Name{"fathom", false, true},      Name{"mile", false, false},
    Name{"yard", false, false},       Name{"foot", false, false},       Name{"feet", false, false},
    Name{"knot", false, false},       Name{"candela", true, true},      Name{"lumen", true, true},
    Name{"jansky", true, true},       Name{"neper", false, true},       Name{"roentgen", true, true},
    Name{"siemens", true, true},      Name{"weber", true, true},        Name{"katal", true, true},
    Name{"tonne", true, true},        Name{"arcsecond", true, true},    Name{"arcminute", false, true},
    Name{"revolution", false, false}, Name{"wavelength", false, false},
};
constexpr std::array<std::string_view, 10> kPrefixWords{"femto", "pico", "nano", "micro", "milli",
                                                        "centi", "kilo", "mega", "giga",  "tera"};
/// Plurals that are prose more often than a unit when they stand alone.
constexpr std::array<std::string_view, 13> kProsePlurals{"events", "hits",      "adcs",   "samples",   "steps",
                                                         "turns",  "cycles",    "frames", "crossings", "feets",
                                                         "yards",  "particles", "foots"};
/// Symbols with prefix that are words: never the whole of a comment.
constexpr std::array<std::string_view, 6> kNeverAlone{"pm", "mb", "nb", "cs", "ds", "cA"};

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
    constexpr std::array<std::string_view, 9> kCounted{"adc", "dac",   "tdc",   "qdc", "time",
                                                       "raw", "clock", "bunch", "arb"};
    constexpr std::array<std::string_view, 18> kNouns{
        "crossing", "crossings", "cycle", "cycles", "count",   "counts", "bin",   "bins",  "channel",
        "channels", "unit",      "units", "bucket", "buckets", "tick",   "ticks", "value", "values"};
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
        for (const std::string_view literal : {"e^-", "e-", "p.e.", "X0", "arb. units", "degE7", "degE5"}) {
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

/// Words that brackets hold for other reasons, and that must not pass as part of an unknown unit.
constexpr std::array<std::string_view, 24> kNoUnit{"in",  "out", "max",  "min",   "on",   "off", "yes",   "no",
                                                   "not", "was", "left", "right", "old",  "new", "raw",   "true",
                                                   "id",  "low", "high", "east",  "west", "all", "first", "last"};

/// Words that stand alone in brackets and say something else than a unit.
constexpr std::array<std::string_view, 192> kRemarks{
    "wip",       "todo",       "fixme",     "tbd",          "tba",       "xxx",        "hack",       "note",
    "see",       "sic",        "old",       "new",          "unused",    "reserved",   "deprecated", "obsolete",
    "legacy",    "historical", "temporary", "optional",     "required",  "mandatory",  "internal",   "private",
    "public",    "protected",  "raw",       "signed",       "unsigned",  "const",      "constant",   "fixed",
    "free",      "left",       "right",     "up",           "down",      "east",       "west",       "north",
    "south",     "top",        "bottom",    "inner",        "outer",     "front",      "back",       "in",
    "out",       "inout",      "on",        "off",          "yes",       "no",         "not",        "true",
    "false",     "low",        "high",      "min",          "max",       "first",      "last",       "all",
    "none",      "any",        "draft",     "experimental", "beta",      "alpha",      "test",       "tests",
    "debug",     "ignored",    "ignore",    "spare",        "padding",   "dummy",      "filler",     "unknown",
    "default",   "data",       "real",      "sim",          "simulated", "beam",       "cosmic",     "cosmics",
    "laser",     "bits",       "flag",      "flags",        "mask",      "id",         "idx",        "index",
    "sector",    "row",        "col",       "column",       "module",    "layer",      "side",       "ladder",
    "wafer",     "plane",      "axis",      "array",        "list",      "key",        "name",       "type",
    "mode",      "status",     "state",     "version",      "run",       "computed",   "derived",    "measured",
    "estimated", "calculated", "nominal",   "relative",     "absolute",  "normalized", "normalised", "dimensionless",
    "unitless",  "arbitrary",  "various",   "mixed",        "empty",     "full",       "open",       "closed",
    "global",    "local",      "input",     "output",       "read",      "write",      "readonly",   "mutable",
    "volatile",  "static",     "dynamic",   "enum",         "bool",      "boolean",    "int",        "integer",
    "float",     "double",     "char",      "string",       "text",      "bitmask",    "bitfield",   "code",
    "number",    "num",        "size",      "len",          "length",    "count",      "position",   "offset",
    "value",     "values",     "mean",      "sigma",        "rms",       "error",      "errors",     "width",
    "this",      "that",       "here",      "above",        "below",     "ditto",      "same",       "other",
    "others",    "example",    "warning",   "caution",      "important", "broken",     "bug",        "hidden"};

/// True when at most one letter is missing, too much, another one, or two are exchanged.
bool is_one_letter_off(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) std::swap(a, b);
    if (b.size() - a.size() > 1) return false;
    std::size_t i = 0;
    while (i < a.size() && a[i] == b[i]) ++i;
    if (a.size() < b.size()) return a.substr(i) == b.substr(i + 1);
    if (i == a.size()) return true;
    if (a.substr(i + 1) == b.substr(i + 1)) return true;
    return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
}

/// A word that is a known one but for a letter or for capitals: `furlongz`, `Mev`, `KHz`.
bool is_misspelt(std::string_view word) {
    constexpr std::size_t kLong = 5;  // shorter words have too many neighbours
    if (word.size() < 3 || contains(kNoUnit, lower(word))) return false;
    const std::string text = lower(word);
    for (const Name& name : kNames) {
        for (const std::string& form : {std::string(name.name), std::string(name.name) + "s"}) {
            if (text.size() >= kLong && form.size() >= kLong && is_one_letter_off(text, form)) return true;
        }
    }
    for (const Symbol& symbol : kSymbols) {
        if (symbol.name.size() < 2 || !symbol.alone) continue;
        const std::string base = lower(symbol.name);
        if (!text.ends_with(base)) continue;
        const std::string_view prefix = std::string_view(text).substr(0, text.size() - base.size());
        if (prefix.empty()) return true;
        if (prefix.size() == 1 && lower(symbol.prefixes).find(prefix) != std::string::npos) return true;
    }
    return false;
}

/// What stands in brackets.
enum class Content : std::uint8_t {
    Nothing,  ///< numbers, ranges, indices: no word of a unit
    Unit,
    Text,
};

/// A product or quotient of which one word is not known and another one can be nothing but a unit: `mm/wire`.
bool is_partly_known(std::string_view text) {
    if (text.find_first_of("/*") == std::string_view::npos || text.find(' ') != std::string_view::npos) return false;
    bool sure = false;
    int unknown = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find_first_of("/*", at), text.size());
        const std::string_view part = text.substr(at, end - at);
        UnitParser parser(part);
        if (parser.parse()) {
            sure = sure || (parser.alone() && !contains(kNoUnit, lower(part)));
        } else {
            const bool word = part.size() > 1 && std::all_of(part.begin(), part.end(), is_letter);
            if (!word || contains(kNoUnit, lower(part)) || ++unknown > 1) return false;
        }
        at = end + 1;
    }
    return sure;
}

Content content_of(std::string_view text) {
    const auto letters = std::count_if(text.begin(), text.end(), [](char c) { return is_letter(c) || is_high(c); });
    if (text.empty() || (letters == 0 && text.find('%') == std::string_view::npos)) return Content::Nothing;
    if (text.size() > 60 || is_abbreviation(text)) return Content::Text;
    UnitParser parser(text);
    if (parser.parse()) return text == "c" ? Content::Nothing : Content::Unit;
    // `[i]`, `[N-1]`, `[0:kRows)`: an index or a range.
    if (letters == 1 || text.find("..") != std::string_view::npos) return Content::Nothing;
    const bool word = std::all_of(text.begin(), text.end(), is_letter);
    if ((word && is_misspelt(text)) || is_partly_known(text)) return Content::Unit;
    return Content::Text;
}

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
            const bool only_unit = UnitParser(one.text).parse() && one.text.size() > 1 && before != ']';
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
        if (!part.empty() && UnitParser(without_parentheses(part)).parse())
            return std::string(without_parentheses(part));
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
            if (plain && !contains(kRemarks, word)) brackets_[0].content = Content::Unit;
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
        const std::string_view behind = text_.substr(one.close + 1);
        const bool begins = begins_with(one);
        const bool ends = is_only_marks(behind, brackets_, one.close + 1);
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
            take(std::string(one.text));
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

bool is_known_unit(std::string_view text) {
    return UnitParser(trim(text)).parse();
}

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
            end = rest.find('}') + 1;
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
