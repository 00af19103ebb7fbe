#pragma once
/// Values that Clang knows before a program runs, as plain ones. For clang_reader.cpp alone.

#include <optional>

#include "reflect/records.h"

namespace clang {
class ASTContext;
class FieldDecl;
class RecordDecl;
}  // namespace clang

namespace etalon::reflect {

/// True for a `std::array` of the standard library, whose items lie as those of a plain array do.
[[nodiscard]] bool is_std_array(const clang::RecordDecl& decl, clang::ASTContext& context);

/// What the initialiser of a member gives (`int b = kRows * 2;`); nothing when it is not known before the program runs,
/// or has no plain value (pointers, unions). The member has one.
[[nodiscard]] std::optional<RawValue> value_of_initializer(const clang::FieldDecl& field, clang::ASTContext& context);

}  // namespace etalon::reflect
