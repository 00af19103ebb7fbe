#include "reflect/reasons.h"

#include <array>
#include <utility>

namespace etalon::reflect {

std::string reason_for(std::string_view kind) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 34> kReasons{{
        {"limits", "what stands behind key: and limits: has to fit the member"},
        {"pointer",
         "a pointer has no meaning outside the process that wrote it: use an array of fixed size, or char[n] for text"},
        {"function-pointer",
         "a pointer to a function has no meaning outside the process that wrote it: store a number or an "
         "enumeration that selects the function"},
        {"reference", "a reference has no stored value: use a member of the type itself"},
        {"union", "which member of a union is valid is not known: use a struct with one member for each alternative"},
        {"bit-field",
         "a bit-field has no address and its place depends on the compiler: use a whole integer such as uint8_t"},
        {"flexible-array", "an array without a size has no fixed layout: give it a size, or store one row per item"},
        {"zero-length-array", "an array of zero items stores nothing: give it a size, or remove it"},
        {"long-double", "long double differs between machines and compilers: use double"},
        {"int128", "128-bit integers are not stored: use two 64-bit integers"},
        {"float16", "16-bit floats are not stored: use float"},
        {"float128", "128-bit floats are not stored: use double"},
        {"wchar",
         "wide characters differ between machines: use char[n] with UTF-8 text, or uint16_t/uint32_t for numbers"},
        {"complex", "complex numbers are not stored: use two floating-point members"},
        {"vector", "vector types depend on the processor: use an array"},
        {"atomic", "atomic types are not stored: use the plain type"},
        {"bit-int", "integers of arbitrary width are not stored: use int8_t ... int64_t or uint8_t ... uint64_t"},
        {"empty", "a struct without members stores nothing: give it a member, or remove it"},
        {"ref-target", "what it refers to is not known: declare it with ETALON_REF(STRUCT) of etalon/ref.h"},
        {"template", "a template has no fixed layout of its own: use a plain struct (std::array is an array)"},
        {"base-class", "members of a base class are not stored: make the base a member, or repeat its members"},
        {"virtual", "a struct with virtual functions holds a hidden pointer: use a plain struct"},
        {"access", "a private or protected member cannot be reached: make it public"},
        {"non-trivial",
         "the struct cannot be copied byte by byte (own copy, assignment or destructor): use a plain struct"},
        {"attribute",
         "the attribute is not known to Clang, so that the layout may differ from the compiler's: remove it"},
        {"packed-zero-bit-field",
         "under -fpack-struct compilers disagree on what follows a bit-field of width 0: remove it"},
        {"alignment",
         "the size is no multiple of the alignment, so that rows cannot lie one behind the other: put the "
         "attribute between struct and its members, not behind the typedef name"},
        {"no-name",
         "the declaration has no name and declares no member: name it (a name that is a keyword is not one)"},
        {"unnamed",
         "the struct has no name that a program could ask for: give it a tag or a typedef name outside unnamed "
         "namespaces"},
        {"incomplete", "the type is declared but not defined here: include its definition"},
        {"other-definition", "one name is one struct: rename one of them, or register the headers into two databases"},
        {"duplicate-name", "another struct of this name is defined in the same run: rename one of them"},
        {"too-deep", "more than 100 structs are nested in each other: declare them flatter"},
        {"too-large",
         "the struct has more than 100000 elements once its arrays of structs are expanded: use arrays of plain "
         "numbers, or store one row per item"},
    }};
    for (const auto& [key, reason] : kReasons) {
        if (key == kind) return std::string(reason);
    }
    return "the type has no stored form: use integers, floats, bool, enumerations, char[n], arrays and structs of them";
}

}  // namespace etalon::reflect
