#pragma once
/// What Clang saw, as plain values: the boundary between the Clang file and everything that decides. No judgement here
/// but the kind of a type that has no stored form.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/types.h"

namespace etalon::reflect {

inline constexpr std::size_t kNoRecord = static_cast<std::size_t>(-1);

/// A range of bytes of one file of a RawUnit.
struct SourceSpan {
    std::size_t file = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// A file that holds records, or that was named, with the ranges of its comments (marks included) in order.
struct RawFile {
    std::string name;  ///< as locations spell it
    std::string text;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> comments;
};

/// What a C++ initialiser gives: one value as text, or the values of an array or struct.
struct RawValue {
    std::string text;  ///< as in CSV; of a character its code
    std::vector<RawValue> items;
};

/// One non-static data member. Exactly one of `scalar`, `record` and `refusal` is set.
struct RawField {
    std::string name;                  ///< empty for an anonymous struct
    std::string refusal;               ///< the kind key of a member that cannot be stored, see reasons.h
    std::optional<ScalarType> scalar;  ///< Char only for plain `char` (the flattening decides between text and number)
    bool char_is_signed = true;        ///< what the ABI makes of a plain `char`
    std::size_t record = kNoRecord;    ///< index of the nested struct
    std::vector<std::uint64_t> dims;   ///< typedefs resolved, outermost first
    std::string target;                ///< of a Ref: the struct that it refers to, qualified
    std::uint64_t offset = 0;          ///< bytes from the start of its record
    std::string c_type;                ///< spelling of the type without array bounds
    std::vector<std::pair<std::string, std::int64_t>> enumerators;
    SourceSpan span;                  ///< from the type specifier to the end of the declarator
    bool has_initializer = false;     ///< `int b = 5;`
    std::optional<RawValue> initial;  ///< its value, when that is known before the program runs
    std::string location;             ///< `file:line:column` of the name
    std::string printed;              ///< the declaration alone, for members that share a type specifier
};

/// Why a record as a whole, or a declaration that is not a struct, cannot be stored.
struct RawProblem {
    std::string kind;
    std::string location;
    std::string declaration;
};

/// A struct (or a declaration in the place of one: then it only has problems).
struct RawRecord {
    std::string name;  ///< qualified; empty when it has none
    std::string location;
    std::uint64_t size = 0;
    std::uint64_t alignment = 1;
    bool top_level = false;   ///< declared at file or namespace scope
    bool named_file = false;  ///< defined in the header itself
    std::vector<RawProblem> problems;
    std::vector<RawField> fields;
    SourceSpan span;   ///< from `struct` (or `typedef`) to the closing brace
    SourceSpan body;   ///< from behind `{` to before `}`
    SourceSpan reach;  ///< `span`, or the whole use of the macro that it came out of or stands in
    /// A typedef of the same name is another type (`typedef struct S {...} S __attribute__((aligned(16)))`): in C++
    /// only `struct S` is this one. The keyword; else empty.
    std::string keyword;
};

/// Something that Clang only warned about and that makes a struct other than it looks: an attribute that Clang does not
/// know, so that its layout may not be GCC's (`attribute`), or a member without a name (`no-name`).
struct RawWarning {
    std::string kind;
    std::string name;  ///< of the attribute
    std::string location;
    std::size_t file = 0;
    std::uint32_t offset = 0;
    std::uint32_t use = 0;  ///< `offset`, or that of the use of a macro whose text it is
};

/// An error of the compiler.
struct RawError {
    std::string location;  ///< empty for errors of the command line
    std::string message;
};

/// Everything that the parse of one header yields. `targets` and nested records are in `records`.
struct RawUnit {
    std::vector<RawFile> files;
    std::vector<RawRecord> records;
    std::vector<std::size_t> targets;  ///< records of the header itself at file or namespace scope, in order
    std::vector<RawWarning> warnings;
    std::vector<RawError> errors;
    std::vector<std::string> files_read;
    std::size_t header = kNoRecord;  ///< the header itself in `files`
    std::string first_struct;        ///< where the text of the header has the first `struct ... {`; empty: nowhere
    std::string open_pack;           ///< where the `#pragma pack` stands that holds at its end; empty: none
};

/// A header to parse: where it is, and how its user calls it.
struct NamedHeader {
    std::string path;      ///< absolute
    std::string spelling;  ///< for locations
};

}  // namespace etalon::reflect
