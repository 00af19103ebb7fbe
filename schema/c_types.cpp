#include "schema/c_types.h"

#include <array>
#include <vector>

#include "base/nearest.h"

namespace etalon::schema {
namespace {

constexpr std::array kWords = {std::string_view("signed"), std::string_view("unsigned"), std::string_view("short"),
                               std::string_view("long"),   std::string_view("int"),      std::string_view("char"),
                               std::string_view("float"),  std::string_view("double")};
enum Word : std::size_t { kSigned, kUnsigned, kShort, kLong, kInt, kChar, kFloat, kDouble, kNumWords };
static_assert(kWords.size() == kNumWords);
using WordCounts = std::array<int, kNumWords>;

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = text.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return words;
        text.remove_prefix(begin);
        const auto word = text.substr(0, text.find_first_of(" \t"));
        words.push_back(word);
        text.remove_prefix(word.size());
    }
}

std::optional<ScalarType> find_single(std::string_view word) {
    if (word == "bool" || word == "_Bool") return ScalarType::Bool;
    if (word.starts_with("std::")) {
        word.remove_prefix(5);
        if (!word.ends_with("_t")) return std::nullopt;
    }
    const bool is_c = word.ends_with("_t");
    if (is_c) word.remove_suffix(2);
    const auto type = find_scalar_type(word);
    if (!type || *type == ScalarType::Char || is_identity(*type)) return std::nullopt;
    // int8_t is C's, float32_t is not.
    if (is_c && !is_integer(*type)) return std::nullopt;
    return type;
}

/// What counted words mean in C; C11 6.7.2.
std::optional<ScalarType> find_counted(const WordCounts& n) {
    const int signs = n[kSigned] + n[kUnsigned];
    const int bases = n[kInt] + n[kChar] + n[kFloat] + n[kDouble];
    if (signs > 1 || bases > 1 || n[kShort] > 1 || n[kLong] > 2 || (n[kShort] != 0 && n[kLong] != 0))
        return std::nullopt;
    const bool sized = n[kShort] != 0 || n[kLong] != 0;
    const bool is_unsigned = n[kUnsigned] != 0;
    if (n[kFloat] != 0 || n[kDouble] != 0) {
        if (signs != 0 || sized) return std::nullopt;  // long double has no place in a store
        return n[kFloat] != 0 ? ScalarType::Float32 : ScalarType::Float64;
    }
    if (n[kChar] != 0) {
        if (sized) return std::nullopt;
        return is_unsigned ? ScalarType::UInt8 : ScalarType::Int8;
    }
    if (n[kShort] != 0) return is_unsigned ? ScalarType::UInt16 : ScalarType::Int16;
    if (n[kLong] != 0) return is_unsigned ? ScalarType::UInt64 : ScalarType::Int64;
    return is_unsigned ? ScalarType::UInt32 : ScalarType::Int32;
}

}  // namespace

std::optional<ScalarType> find_c_type(std::string_view spelling) {
    const auto words = words_of(spelling);
    if (words.size() == 1) {
        if (const auto type = find_single(words.front())) return type;
    }
    if (words.empty()) return std::nullopt;
    WordCounts counts{};
    for (const auto word : words) {
        std::size_t i = 0;
        while (i < kNumWords && kWords[i] != word) ++i;
        if (i == kNumWords) return std::nullopt;
        ++counts[i];
    }
    return find_counted(counts);
}

std::string suggest_c_type(std::string_view spelling) {
    static const std::vector<std::string> kKnown = {
        "bool",          "char",           "int",          "unsigned",      "short",   "long",   "float", "double",
        "unsigned char", "unsigned short", "unsigned int", "unsigned long", "int8",    "uint8",  "int16", "uint16",
        "int32",         "uint32",         "int64",        "uint64",        "float32", "float64"};
    return did_you_mean(spelling, kKnown);
}

}  // namespace etalon::schema
