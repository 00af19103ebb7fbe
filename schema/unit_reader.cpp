#include "schema/unit_reader.h"

#include <algorithm>
#include <array>

#include "base/number_text.h"
#include "schema/names.h"

namespace etalon::schema {
namespace {

constexpr std::size_t kMostText = 4096;
constexpr int kMostPower = 64;
constexpr int kMostDepth = 32;              // of definitions in definitions
constexpr int kMostSteps = 20000;           // names that one unit comes to
constexpr std::size_t kMostBits = 1 << 16;  // of a factor
constexpr std::string_view kDelta = "delta_";

constexpr std::array<std::string_view, 5> kProducts{"\xC2\xB7", "\xE2\x8B\x85", "\xE2\x88\x99", "\xC3\x97", "*"};
constexpr std::array<std::string_view, 12> kSuperscripts{
    "\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",     "\xE2\x81\xB4", "\xE2\x81\xB5",
    "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9", "\xE2\x81\xBB", "\xE2\x81\xBA"};

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}
bool is_high(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x80;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string plural_of(const std::string& name) {
    const auto ends = [&](std::string_view with) { return name.ends_with(with); };
    if (name.size() < 3) return name + "s";
    const char before = name[name.size() - 2];
    if (ends("y") && std::string_view("aeiou").find(before) == std::string_view::npos)
        return name.substr(0, name.size() - 1) + "ies";
    if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh")) return name + "es";
    return name + "s";
}

/// Calls `use` with every word.
template <class Use>
void for_each_word(std::string_view words, Use&& use) {
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (end != 0) use(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

/// What a new unit is called, for ever.
std::string base_name(const UnitEntry& entry) {
    const auto from = entry.names.empty() ? entry.symbols : entry.names;
    return std::string(from.substr(0, from.find_first_of(" ~!")));
}

}  // namespace

std::optional<SplitUnit> split_unit(std::string_view unit) {
    constexpr std::string_view kWhere = " where ";
    if (unit.size() > kMostText || unit.find('\0') != std::string_view::npos) return std::nullopt;
    SplitUnit split;
    const auto text = utf8_text(unit);
    std::string_view rest = text;
    const auto where = rest.find(kWhere);
    split.text = trim(rest.substr(0, where));
    if (where == std::string_view::npos) return split;
    rest.remove_prefix(where + kWhere.size());
    while (true) {
        const auto end = std::min(rest.find(','), rest.size());
        const auto one = rest.substr(0, end);
        const auto equals = one.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const auto name = trim(one.substr(0, equals));
        const auto definition = trim(one.substr(equals + 1));
        if (name.empty() || definition.empty() || !split.local.emplace(name, definition).second) return std::nullopt;
        if (end == rest.size()) return split;
        rest.remove_prefix(end + 1);
    }
}

/// One text, by recursive descent: the grammar of UDUNITS-2, exponents in parentheses besides.
class UnitTextParser {
public:
    UnitTextParser(const UnitReader& reader, const LocalUnits& local, int& steps, std::vector<std::string>* unknown,
                   std::vector<std::string>* names)
        : reader_(reader), local_(local), steps_(steps), unknown_(unknown), names_(names) {}

    std::optional<UnitValue> parse(std::string_view text, int depth) {
        text_ = text;
        at_ = 0;
        depth_ = depth;
        // `degC difference`, and `delta degC`.
        bool is_difference = false;
        for (const std::string_view word : {" difference", " differences", " diff"}) {
            if (text_.size() > word.size() && lower(text_).ends_with(word)) {
                text_ = trim(text_.substr(0, text_.size() - word.size()));
                is_difference = true;
                break;
            }
        }
        for (const std::string_view word : {"delta ", "\xCE\x94 ", "\xE2\x88\x86 "}) {
            if (text_.starts_with(word)) {
                text_ = trim(text_.substr(word.size()));
                is_difference = true;
            }
        }
        if (text_.empty() || depth > kMostDepth) return std::nullopt;
        auto value = shifted();
        blanks();
        if (!value || at_ != text_.size()) return std::nullopt;
        return is_difference ? difference_of(std::move(*value)) : value;
    }

private:
    [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    bool take(std::string_view token) noexcept {
        if (!text_.substr(std::min(at_, text_.size())).starts_with(token)) return false;
        at_ += token.size();
        return true;
    }
    void blanks() noexcept {
        while (is_blank(peek())) ++at_;
    }
    /// A word, and not the begin of a longer one.
    bool take_word(std::string_view word) noexcept {
        const std::size_t before = at_;
        if (take(word) && !is_letter(peek()) && !is_high(peek())) return true;
        at_ = before;
        return false;
    }

    static bool is_superscript(std::string_view text) noexcept {
        return std::ranges::any_of(kSuperscripts, [&](std::string_view mark) { return text.starts_with(mark); });
    }
    static bool is_product(std::string_view text) noexcept {
        return std::ranges::any_of(kProducts, [&](std::string_view mark) { return text.starts_with(mark); });
    }
    [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(std::min(at_, text_.size())); }

    static UnitValue difference_of(UnitValue value) {
        value.is_point = false;
        value.origin = 0;
        value.is_difference = true;
        return value;
    }

    static bool is_sound(const UnitValue& value) {
        std::size_t bits = 0;
        for (const auto* one : {&value.factor, &value.root}) {
            bits += mpz_sizeinbase(one->get_num_mpz_t(), 2) + mpz_sizeinbase(one->get_den_mpz_t(), 2);
        }
        return value.factor != 0 && bits < kMostBits && std::abs(value.half_pi) <= 2 * kMostPower &&
               std::ranges::all_of(
                   value.half_powers, [](const auto& one) { return std::abs(one.second) <= 2 * kMostPower; });
    }

    static std::optional<UnitValue> if_sound(UnitValue value) {
        if (const auto root = exact_root(value.root); root && value.root != 1) {
            value.factor *= *root;
            value.root = 1;
        }
        return is_sound(value) ? std::optional(std::move(value)) : std::nullopt;
    }

    static std::optional<UnitValue> power_of(UnitValue value, int exponent) {
        if (exponent == 1) return value;
        if (std::abs(exponent) > kMostPower) return std::nullopt;
        UnitValue result;
        result.factor = power(value.factor, exponent);
        result.root = power(value.root, exponent);
        result.half_pi = value.half_pi * exponent;
        for (const auto& [name, one] : value.half_powers) {
            if (exponent != 0) result.half_powers[name] = one * exponent;
        }
        result.is_number = value.is_number;
        return if_sound(std::move(result));
    }

    static std::optional<UnitValue> root_of(const UnitValue& value) {
        const bool has_root = value.half_pi % 2 != 0 || std::ranges::any_of(value.half_powers, [](const auto& one) {
                                  return one.second % 2 != 0;
                              });
        if (has_root || value.root != 1 || value.factor < 0) return std::nullopt;
        UnitValue result;
        result.root = value.factor;
        result.half_pi = value.half_pi / 2;
        for (const auto& [name, one] : value.half_powers) result.half_powers[name] = one / 2;
        result.is_number = value.is_number;
        return if_sound(std::move(result));
    }

    /// A number times a scale is that scale in other steps; anything else has no zero of its own.
    static std::optional<UnitValue> product_of(const UnitValue& a, const UnitValue& b) {
        UnitValue result;
        result.factor = a.factor * b.factor;
        result.root = a.root * b.root;
        result.half_pi = a.half_pi + b.half_pi;
        result.half_powers = a.half_powers;
        for (const auto& [name, exponent] : b.half_powers) {
            if ((result.half_powers[name] += exponent) == 0) result.half_powers.erase(name);
        }
        result.is_number = a.is_number && b.is_number;
        if (a.is_number != b.is_number) {
            const UnitValue& scale = a.is_number ? b : a;
            result.is_point = scale.is_point;
            result.origin = scale.origin;
            result.is_difference = scale.is_difference;
        }
        return if_sound(std::move(result));
    }

    std::optional<UnitValue> shifted() {
        auto value = product();
        if (!value) return value;
        blanks();
        if (!take("@") && !take_word("from") && !take_word("since") && !take_word("after")) return value;
        blanks();
        const auto zero = number();
        if (!zero) return std::nullopt;
        value->origin += *zero * value->factor;
        value->is_point = true;
        value->is_difference = false;
        return value->half_pi == 0 && value->root == 1 ? value : std::nullopt;
    }

    std::optional<UnitValue> product() {
        std::optional<UnitValue> value;
        if (peek() == '/') {
            value.emplace();  // `/cm`
            value->is_number = true;
        } else {
            value = raised();
        }
        while (value) {
            const std::size_t before = at_;
            blanks();
            bool divides = false;
            if (take("/") || take_word("per") || take_word("PER")) {
                divides = true;
            } else if (is_product(rest())) {
                for (const auto mark : kProducts) {
                    if (take(mark)) break;
                }
            } else if (peek() == '.' || (peek() == '-' && !is_digit(peek(1)))) {
                ++at_;
            } else if (before == at_ && peek() != '(' && !is_digit(peek())) {
                if (!begins_word()) break;
            } else if (peek() == '\0' || peek() == ')' || peek() == '@' || is_shift_word() ||
                       !(begins_word() || peek() == '(' || is_digit(peek()))) {
                at_ = before;
                break;
            }
            blanks();
            auto next = raised();
            if (next && divides) next = power_of(std::move(*next), -1);
            value = next ? product_of(*value, *next) : std::nullopt;
        }
        return value;
    }

    [[nodiscard]] bool is_shift_word() noexcept {
        const std::size_t before = at_;
        const bool is_shift = take_word("from") || take_word("since") || take_word("after");
        at_ = before;
        return is_shift;
    }

    [[nodiscard]] bool begins_word() const noexcept {
        const char c = peek();
        if (is_high(c)) return !is_superscript(rest()) && !is_product(rest());
        return is_letter(c) || c == '%' || c == '\'' || c == '"';
    }

    std::optional<UnitValue> raised() {
        const bool is_digits = is_digit(peek()) || peek() == '.' || peek() == '-' || peek() == '+';
        if (take("\xE2\x88\x9A")) {
            const auto value = basic();
            return value ? root_of(*value) : std::nullopt;
        }
        auto value = basic();
        if (!value) return value;
        const auto exponent =
            is_digits && peek() != '^' && !rest().starts_with("**") ? Exponent{1, false} : this->exponent();
        if (!exponent) return std::nullopt;
        value = power_of(std::move(*value), exponent->number);
        return value && exponent->is_halved ? root_of(*value) : value;
    }

    struct Exponent {
        int number = 1;
        bool is_halved = false;
    };

    std::optional<Exponent> exponent() {
        if (take("^") || take("**")) {
            const bool in_parentheses = take("(");
            const auto number = signed_digits();
            if (!number) return std::nullopt;
            Exponent exponent{*number, false};
            if (in_parentheses && take("/2")) {
                exponent.is_halved = true;
            } else if (peek() == '.' && is_digit(peek(1))) {
                // `Hz^0.5`, `Hz^1.5`
                const bool is_negative = text_[at_ - 1] == '0' && at_ > 1 && text_[at_ - 2] == '-';
                if (!take(".5") || is_digit(peek())) return std::nullopt;
                exponent = {2 * *number + (*number < 0 || is_negative ? -1 : 1), true};
            }
            return in_parentheses && !take(")") ? std::nullopt : std::optional(exponent);
        }
        std::optional<int> number = 1;
        if (is_superscript(rest())) {
            number = superscript();
        } else if (is_digit(peek()) || ((peek() == '-' || peek() == '+') && is_digit(peek(1)))) {
            number = signed_digits();
            if (peek() == '.' && is_digit(peek(1))) return std::nullopt;
        }
        return number ? std::optional(Exponent{*number, false}) : std::nullopt;
    }

    std::optional<int> signed_digits() {
        const std::size_t before = at_;
        if (peek() == '-' || peek() == '+') ++at_;
        const std::size_t first = at_;
        while (is_digit(peek())) ++at_;
        if (at_ == first || at_ - first > 3) return std::nullopt;
        return parse_integer<int>(text_.substr(before, at_ - before));
    }

    std::optional<int> superscript() {
        std::string digits;
        for (bool again = true; again;) {
            again = false;
            for (std::size_t i = 0; i < kSuperscripts.size(); ++i) {
                if (!take(kSuperscripts[i])) continue;
                digits += i < 10 ? static_cast<char>('0' + i) : i == 10 ? '-' : '+';
                again = true;
            }
        }
        return digits.size() > 3 ? std::nullopt : parse_integer<int>(digits);
    }

    std::optional<Rational> number() {
        const std::size_t before = at_;
        if (peek() == '-' || peek() == '+') ++at_;
        const std::size_t first = at_;
        while (is_digit(peek())) ++at_;
        if (peek() == '.' && (is_digit(peek(1)) || at_ != first)) {
            // `2.m` is a product.
            if (is_digit(peek(1)) || (!is_letter(peek(1)) && !is_high(peek(1)))) ++at_;
            while (is_digit(peek())) ++at_;
        }
        if ((peek() == 'e' || peek() == 'E') &&
            (is_digit(peek(1)) || ((peek(1) == '-' || peek(1) == '+') && is_digit(peek(2))))) {
            at_ += 2;
            while (is_digit(peek())) ++at_;
        }
        return parse_rational(text_.substr(before, at_ - before));
    }

    std::optional<UnitValue> basic() {
        if (take("(")) {
            if (++open_ > kMostDepth) return std::nullopt;
            blanks();
            auto value = shifted();
            blanks();
            --open_;
            return value && take(")") ? value : std::nullopt;
        }
        if (is_digit(peek()) ||
            ((peek() == '.' || peek() == '-' || peek() == '+') && (is_digit(peek(1)) || peek(1) == '.'))) {
            const auto digits = number();
            if (!digits) return std::nullopt;
            UnitValue value;
            value.factor = *digits;
            value.is_number = true;
            return is_sound(value) ? std::optional(std::move(value)) : std::nullopt;
        }
        return name();
    }

    std::optional<UnitValue> name() {
        const auto text = rest();
        // Names that are no words.
        for (const std::string_view literal : {"e^-", "e-", "p.e.", "a.u.", "arb.", "X0", "%RH"}) {
            const char behind = literal.size() < text.size() ? text[literal.size()] : '\0';
            if (text.starts_with(literal) && !is_letter(behind) && !is_digit(behind) && !is_high(behind)) {
                at_ += literal.size();
                return meaning(literal);
            }
        }
        if (peek() == '%' || peek() == '\'' || peek() == '"') {
            ++at_;
            return meaning(text.substr(0, 1));
        }
        std::size_t length = 0;
        std::size_t first_digit = std::string_view::npos;
        while (length < text.size()) {
            const char c = text[length];
            if (is_digit(c) && length != 0) {
                first_digit = std::min(first_digit, length);
            } else if (!is_letter(c) &&
                       (!is_high(c) || is_superscript(text.substr(length)) || is_product(text.substr(length)))) {
                break;
            }
            ++length;
        }
        auto word = text.substr(0, length);
        while (!word.empty() && is_digit(word.back())) word.remove_suffix(1);
        if (word.empty()) return std::nullopt;
        std::string joined;
        if (const auto end = find_joined(word, joined); end != 0) {
            at_ += end;
            return meaning(joined);
        }
        if (word == "sqrt" && word.size() < text.size() && text[word.size()] == '(') {
            at_ += word.size();
            const auto value = basic();
            return value ? root_of(*value) : std::nullopt;
        }
        // `m2s` is no name: the digits are an exponent.
        if (first_digit < word.size() && !is_known(word)) word = word.substr(0, first_digit);
        at_ += word.size();
        return meaning(word);
    }

    [[nodiscard]] bool is_known(std::string_view word) const {
        return local_.contains(word) || reader_.find(word).entry != nullptr;
    }

    /// `deg C`, `ADC counts`: the length of a name of two words, and that name; 0 when it is none.
    [[nodiscard]] std::size_t find_joined(std::string_view word, std::string& joined) const {
        const auto text = rest();
        std::size_t second = word.size();
        while (second < text.size() && is_blank(text[second])) ++second;
        if (second == word.size() || second > word.size() + 1) return 0;
        std::size_t end = second;
        while (end < text.size() &&
               (is_letter(text[end]) || (is_digit(text[end]) && end + 1 < text.size() && is_letter(text[end + 1]))))
            ++end;
        if (end == second) return 0;
        joined =
            (word == "\xC2\xB0" ? "deg" : std::string(word)) + "_" + std::string(text.substr(second, end - second));
        return reader_.find_exactly(joined, false) != nullptr ? end : 0;
    }

    /// What a name stands for.
    std::optional<UnitValue> meaning(std::string_view word) {
        if (--steps_ < 0) return std::nullopt;
        if (names_ != nullptr && std::ranges::find(*names_, word) == names_->end()) names_->emplace_back(word);
        if (const auto own = local_.find(word); own != local_.end()) return defined(own->second, word);
        for (const std::string_view delta : {kDelta, std::string_view("\xCE\x94"), std::string_view("\xE2\x88\x86")}) {
            if (!word.starts_with(delta) || word.size() == delta.size()) continue;
            auto value = meaning(word.substr(delta.size()));
            return value ? std::optional(difference_of(std::move(*value))) : value;
        }
        const auto found = reader_.find(word);
        if (found.entry == nullptr) {
            if (auto value = with_prefix(word)) return value;
            if (unknown_ != nullptr) unknown_->emplace_back(word);
            return std::nullopt;
        }
        return scaled(defined(found.entry->definition, base_name(*found.entry)), found.exponent);
    }

    static std::optional<UnitValue> scaled(std::optional<UnitValue> value, int exponent) {
        if (value) value->factor *= power(Rational(10), exponent);
        return value;
    }

    /// A prefix before a name that the text defines.
    std::optional<UnitValue> with_prefix(std::string_view word) {
        for (const auto& prefix : unit_prefixes()) {
            for (const auto mark : {prefix.name, prefix.symbol}) {
                if (mark.empty() || !word.starts_with(mark)) continue;
                const auto own = local_.find(word.substr(mark.size()));
                if (own != local_.end()) return scaled(defined(own->second, own->first), prefix.exponent);
            }
        }
        return std::nullopt;
    }

    std::optional<UnitValue> defined(std::string_view definition, std::string_view name) {
        UnitValue value;
        if (definition == "new") {
            value.half_powers[std::string(name)] = 2;
            return value;
        }
        if (definition == "pi") {
            value.half_pi = 2;
            return value;
        }
        UnitTextParser inner(reader_, local_, steps_, unknown_, nullptr);
        auto found = inner.parse(definition, depth_ + 1);
        if (found) found->is_number = false;
        return found;
    }

    const UnitReader& reader_;
    const LocalUnits& local_;
    int& steps_;
    std::vector<std::string>* unknown_;
    std::vector<std::string>* names_;
    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int open_ = 0;
};

UnitReader::UnitReader() {
    const auto add = [this](const UnitEntry& entry) {
        for_each_word(entry.names, [&](std::string_view word) {
            const auto mark = word.find_first_of("~!");
            const auto singular = lower(word.substr(0, mark));
            names_.emplace(singular, Known{&entry, true});
            if (mark == std::string_view::npos) names_.emplace(plural_of(singular), Known{&entry, true});
            if (mark != std::string_view::npos && word[mark] == '~')
                names_.emplace(lower(word.substr(mark + 1)), Known{&entry, true});
        });
        for_each_word(entry.symbols, [&](std::string_view word) {
            const bool takes_prefix = !word.ends_with('!');
            if (!takes_prefix) word.remove_suffix(1);
            symbols_.emplace(word, Known{&entry, takes_prefix});
        });
    };
    for (const auto& entry : standard_units()) add(entry);
    for (const auto& entry : counted_units()) add(entry);
}

const UnitEntry* UnitReader::find_exactly(std::string_view name, bool with_prefix) const {
    const auto named = names_.find(lower(name));
    const auto symbol = symbols_.find(std::string(name));
    if (symbol != symbols_.end() && (!with_prefix || symbol->second.takes_prefix)) return symbol->second.entry;
    return named == names_.end() ? nullptr : named->second.entry;
}

UnitReader::Found UnitReader::find(std::string_view name) const {
    if (const auto* entry = find_exactly(name, false)) return {entry, 0};
    const auto folded = lower(name);
    for (const auto& prefix : unit_prefixes()) {
        if (prefix.name.empty() || !folded.starts_with(prefix.name) || name.size() == prefix.name.size()) continue;
        if (const auto* entry = find_exactly(name.substr(prefix.name.size()), true)) return {entry, prefix.exponent};
    }
    for (const auto& prefix : unit_prefixes()) {
        if (!name.starts_with(prefix.symbol) || name.size() == prefix.symbol.size()) continue;
        if (const auto* entry = find_exactly(name.substr(prefix.symbol.size()), true)) return {entry, prefix.exponent};
    }
    return {};
}

std::optional<UnitValue> UnitReader::read(std::string_view unit, std::vector<std::string>* unknown) const {
    const auto split = split_unit(unit);
    if (!split || split->text.empty()) return std::nullopt;
    int steps = kMostSteps;
    return UnitTextParser(*this, split->local, steps, unknown, nullptr).parse(split->text, 0);
}

std::vector<std::string> UnitReader::names_in(const SplitUnit& unit) const {
    std::vector<std::string> names;
    std::vector<std::string> unknown;
    int steps = kMostSteps;
    static_cast<void>(UnitTextParser(*this, unit.local, steps, &unknown, &names).parse(unit.text, 0));
    return names;
}

bool UnitReader::is_fixed(std::string_view name) const {
    const auto* entry = find_exactly(name, false);
    if (entry == nullptr) return find(name).entry != nullptr;
    const auto counted = counted_units();
    return entry < counted.data() || entry >= counted.data() + counted.size();
}

std::vector<std::string> UnitReader::spellings() const {
    // What people put prefixes before.
    static constexpr std::array<std::string_view, 24> kPrefixed{"m",  "s", "g",  "A",   "V",  "W",   "J",  "N",
                                                                "K",  "C", "F",  "H",   "T",  "S",   "eV", "Hz",
                                                                "Pa", "L", "Bq", "rad", "Gy", "bar", "Sv", "ohm"};
    std::vector<std::string> all;
    for (const auto symbol : kPrefixed) {
        for (const auto& prefix : unit_prefixes()) {
            const int size = std::abs(prefix.exponent);
            if (!is_high(prefix.symbol.front()) && size >= 3 && size <= 15)
                all.push_back(std::string(prefix.symbol) + std::string(symbol));
        }
    }
    for (const char* length : {"cm", "hPa", "dm"}) all.emplace_back(length);
    for (const auto& entries : {standard_units(), counted_units()}) {
        for (const auto& entry : entries) {
            for (const auto words : {entry.names, entry.symbols}) {
                for_each_word(
                    words, [&](std::string_view word) { all.emplace_back(word.substr(0, word.find_first_of("~!"))); });
            }
        }
    }
    return all;
}

}  // namespace etalon::schema
