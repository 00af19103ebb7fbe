#include "reflect/clang_values.h"

#include <clang/AST/APValue.h>
#include <clang/AST/ASTContext.h>
#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/AST/Expr.h>
#include <llvm/ADT/SmallString.h>

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "base/number_text.h"

namespace etalon::reflect {
namespace {

/// False for what has no plain value (pointers, unions).
bool read_value(const clang::APValue& value, clang::QualType type, clang::ASTContext& context, RawValue& out) {
    switch (value.getKind()) {
        case clang::APValue::Int: {
            llvm::SmallString<32> digits;
            value.getInt().toString(digits);
            out.text = digits.str().str();
            return true;
        }
        case clang::APValue::Float: {
            const llvm::APFloat& number = value.getFloat();
            if (&number.getSemantics() == &llvm::APFloat::IEEEsingle())
                append_float(out.text, number.convertToFloat());
            else if (&number.getSemantics() == &llvm::APFloat::IEEEdouble())
                append_float(out.text, number.convertToDouble());
            return !out.text.empty();
        }
        case clang::APValue::Array: {
            constexpr unsigned kMostItems = 65536;
            const clang::ArrayType* array = context.getAsArrayType(type);
            if (array == nullptr || value.getArraySize() > kMostItems) return false;
            for (unsigned i = 0; i < value.getArraySize(); ++i) {
                const bool given = i < value.getArrayInitializedElts();
                if (!given && !value.hasArrayFiller()) return false;
                const auto& item = given ? value.getArrayInitializedElt(i) : value.getArrayFiller();
                if (!read_value(item, array->getElementType(), context, out.items.emplace_back())) return false;
            }
            return true;
        }
        case clang::APValue::Struct: {
            const clang::RecordDecl* record = type->getAsRecordDecl();
            if (record == nullptr || value.getStructNumBases() != 0) return false;
            if (is_std_array(*record, context)) {
                // Its only member is the array.
                const clang::FieldDecl* items = *record->field_begin();
                return read_value(value.getStructField(0), items->getType(), context, out);
            }
            for (const clang::FieldDecl* field : record->fields()) {
                if (field->isUnnamedBitField() || field->isInvalidDecl()) continue;
                const auto& member = value.getStructField(field->getFieldIndex());
                if (!read_value(member, field->getType(), context, out.items.emplace_back())) return false;
            }
            return true;
        }
        default:
            return false;
    }
}

}  // namespace

bool is_std_array(const clang::RecordDecl& decl, clang::ASTContext& context) {
    const auto* special = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(&decl);
    if (special == nullptr || special->getName() != "array" || !special->isInStdNamespace()) return false;
    const auto& arguments = special->getTemplateArgs();
    if (arguments.size() != 2 || arguments[0].getKind() != clang::TemplateArgument::Type ||
        arguments[1].getKind() != clang::TemplateArgument::Integral || !special->isCompleteDefinition() ||
        special->isInvalidDecl()) {
        return false;
    }
    const std::uint64_t number = arguments[1].getAsIntegral().getLimitedValue();
    const clang::QualType item = arguments[0].getAsType();
    if (number == 0 || special->getNumBases() != 0) return number == 0;
    const auto fields = std::distance(special->field_begin(), special->field_end());
    const clang::QualType whole = context.getRecordType(special);
    return fields == 1 && context.getTypeAlign(whole) == context.getTypeAlign(item) &&
           context.getTypeSizeInChars(whole).getQuantity() ==
               context.getTypeSizeInChars(item).getQuantity() * static_cast<std::int64_t>(number);
}

std::optional<RawValue> value_of_initializer(const clang::FieldDecl& field, clang::ASTContext& context) {
    const clang::Expr* value = field.getInClassInitializer();
    if (value == nullptr || value->isValueDependent() || value->containsErrors()) return std::nullopt;
    const auto* bare = value->IgnoreParenImpCasts();
    if (const auto* list = llvm::dyn_cast<clang::InitListExpr>(bare);
        list != nullptr && list->getNumInits() == 1 && list->isStringLiteralInit()) {
        bare = list->getInit(0)->IgnoreParenImpCasts();
    }
    RawValue plain;
    if (const auto* text = llvm::dyn_cast<clang::StringLiteral>(bare)) {
        const auto* array = context.getAsConstantArrayType(field.getType());
        if (text->getCharByteWidth() != 1 || array == nullptr) return std::nullopt;
        const std::uint64_t room = array->getSize().getLimitedValue();
        for (std::uint64_t i = 0; i < room && i < text->getLength(); ++i)
            plain.items.push_back({std::to_string(text->getCodeUnit(static_cast<unsigned>(i))), {}});
        return plain;
    }
    clang::Expr::EvalResult result;
    if (value->isGLValue() || !value->EvaluateAsRValue(result, context, true) || result.HasSideEffects)
        return std::nullopt;
    if (!read_value(result.Val, field.getType(), context, plain)) return std::nullopt;
    return plain;
}

}  // namespace etalon::reflect
