#pragma once
/// Scalar types of stored elements. Persisted numbers: values never change, new ones are appended.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace etalon {

/// The machine type of one value of an element.
///
/// `Char` only occurs with at least one dimension and is text: the last dimension is the capacity in bytes, the text
/// is what stands before the first NUL (a full array has none). A lone C `char` is a number and is recorded as `Int8`
/// or `UInt8`, whichever the ABI makes of it. An enumeration is recorded as its underlying integer type.
enum class ScalarType : std::uint8_t {
    Bool = 1,
    Int8 = 2,
    UInt8 = 3,
    Int16 = 4,
    UInt16 = 5,
    Int32 = 6,
    UInt32 = 7,
    Int64 = 8,
    UInt64 = 9,
    Float32 = 10,
    Float64 = 11,
    Char = 12,
    Ref = 13,
    Uid = 14,
    File = 15,
};

/// Bytes of one value; 1 for `Char`.
[[nodiscard]] constexpr std::size_t size_of(ScalarType type) noexcept {
    switch (type) {
        case ScalarType::Bool:
        case ScalarType::Int8:
        case ScalarType::UInt8:
        case ScalarType::Char:
            return 1;
        case ScalarType::Int16:
        case ScalarType::UInt16:
            return 2;
        case ScalarType::Int32:
        case ScalarType::UInt32:
        case ScalarType::Float32:
            return 4;
        case ScalarType::Int64:
        case ScalarType::UInt64:
        case ScalarType::Float64:
            return 8;
        case ScalarType::Ref:
        case ScalarType::Uid:
            return 16;
        case ScalarType::File:
            return 40;
    }
    return 0;
}

[[nodiscard]] constexpr bool is_float(ScalarType type) noexcept {
    return type == ScalarType::Float32 || type == ScalarType::Float64;
}

/// True for the eight integer types; false for `Bool` and `Char`.
[[nodiscard]] constexpr bool is_integer(ScalarType type) noexcept {
    return type >= ScalarType::Int8 && type <= ScalarType::UInt64;
}

[[nodiscard]] constexpr bool is_signed_integer(ScalarType type) noexcept {
    return type == ScalarType::Int8 || type == ScalarType::Int16 || type == ScalarType::Int32 ||
           type == ScalarType::Int64;
}

/// True for `Ref`, `Uid` and `File`: values that are bytes, equal or not, and may be null (all bytes zero).
[[nodiscard]] constexpr bool is_identity(ScalarType type) noexcept {
    return type >= ScalarType::Ref && type <= ScalarType::File;
}

/// What a value begins at a multiple of, where the ABI is left alone.
[[nodiscard]] constexpr std::size_t alignment_of(ScalarType type) noexcept {
    if (type == ScalarType::File) return 8;
    return is_identity(type) ? 1 : size_of(type);
}

/// The name used in definitions, JSON and SQL: `bool`, `int8` ... `uint64`, `float32`, `float64`, `char`, `ref`, `uid`,
/// `file`.
[[nodiscard]] constexpr std::string_view name_of(ScalarType type) noexcept {
    switch (type) {
        case ScalarType::Bool:
            return "bool";
        case ScalarType::Int8:
            return "int8";
        case ScalarType::UInt8:
            return "uint8";
        case ScalarType::Int16:
            return "int16";
        case ScalarType::UInt16:
            return "uint16";
        case ScalarType::Int32:
            return "int32";
        case ScalarType::UInt32:
            return "uint32";
        case ScalarType::Int64:
            return "int64";
        case ScalarType::UInt64:
            return "uint64";
        case ScalarType::Float32:
            return "float32";
        case ScalarType::Float64:
            return "float64";
        case ScalarType::Char:
            return "char";
        case ScalarType::Ref:
            return "ref";
        case ScalarType::Uid:
            return "uid";
        case ScalarType::File:
            return "file";
    }
    return "?";
}

/// The type with that name, or nothing.
[[nodiscard]] constexpr std::optional<ScalarType> find_scalar_type(std::string_view name) noexcept {
    for (int i = 1; i <= 15; ++i) {
        const auto type = static_cast<ScalarType>(i);
        if (name_of(type) == name) return type;
    }
    return std::nullopt;
}

}  // namespace etalon
