#include "reflect/units.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "reflect/words.h"
#include "schema/units.h"

namespace etalon::reflect {
namespace {

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
        for (const std::string_view literal : {"e^-", "e-", "p.e.", "X0", "arb. units", "per cent", "degE7", "degE5"}) {
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
    const bool is_gain = text[0] == text[2];  // V/V
    return text[0] >= 'A' && text[0] <= 'Z' && text[2] >= 'A' && text[2] <= 'Z' && !is_gain &&
           !contains(kRealRatios, text);
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

}  // namespace

bool is_known_unit(std::string_view text) {
    return UnitParser(trim(text)).parse();
}

std::string_view without_parentheses(std::string_view text) noexcept {
    if (text.size() < 2 || text.front() != '(') return text;
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '(') ++depth;
        if (text[i] == ')' && --depth == 0) return i + 1 == text.size() ? trim(text.substr(1, i - 1)) : text;
    }
    return text;
}

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

Content content_of(std::string_view text) {
    const auto letters = std::count_if(text.begin(), text.end(), [](char c) { return is_letter(c) || is_high(c); });
    if (text.empty() || (letters == 0 && text.find('%') == std::string_view::npos)) return Content::Nothing;
    // `[spill where spill = 12 s]` says what it means.
    if (text.find(" where ") != std::string_view::npos)
        return schema::make_units()->knows(text) ? Content::Unit : Content::Text;
    if (text.size() > 60 || is_abbreviation(text)) return Content::Text;
    UnitParser parser(text);
    if (parser.parse()) return text == "c" ? Content::Nothing : Content::Unit;
    // `[i]`, `[N-1]`, `[0:kRows)`: an index or a range.
    if (letters == 1 || text.find("..") != std::string_view::npos) return Content::Nothing;
    const bool word = std::all_of(text.begin(), text.end(), is_letter);
    if ((word && is_misspelt(text)) || is_partly_known(text)) return Content::Unit;
    // `delta_degC`: of names with `_`, those that are units are.
    if (text.find('_') != std::string_view::npos && schema::make_units()->knows(text)) return Content::Unit;
    return Content::Text;
}

bool is_remark(std::string_view word) {
    return contains(kRemarks, word);
}

}  // namespace etalon::reflect
