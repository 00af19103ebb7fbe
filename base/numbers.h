#pragma once
/// Numbers in memory by their scalar type, and one number to another type: exactly, or the nearest that `lenient`
/// allows.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "etalon/types.h"

namespace etalon {

/// Reads a value at any alignment. A bool is true when its byte is not zero (a byte of 2 in a C++ bool would be
/// undefined).
template <class T>
[[nodiscard]] inline T load_number(const std::byte* at) noexcept {
    if constexpr (std::is_same_v<T, bool>) {
        return *at != std::byte{0};
    } else {
        T value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
}

template <class T>
inline void store_number(std::byte* at, T value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

/// Converts; false when the law of docs/evolution.md calls that a loss. `to` then holds what `lenient` gives: integers
/// saturate, fractions are cut, floats overflow to infinity, NaN becomes 0 in an integer. (Rounding to float32 is no
/// loss.)
template <class To, class From>
[[nodiscard]] inline bool convert_value(From from, To& to) noexcept {
    if constexpr (std::is_same_v<From, To>) {
        to = from;
        return true;
    } else if constexpr (std::is_same_v<To, bool>) {
        to = from >= From{1};
        return from == From{0} || from == From{1};
    } else if constexpr (std::is_same_v<From, bool>) {
        to = static_cast<To>(from ? 1 : 0);
        return true;
    } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
        if (std::in_range<To>(from)) {
            to = static_cast<To>(from);
            return true;
        }
        to = std::cmp_less(from, 0) ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
        return false;
    } else if constexpr (std::is_integral_v<From>) {
        to = static_cast<To>(from);
        if constexpr (std::numeric_limits<From>::digits <= std::numeric_limits<To>::digits) {
            return true;
        } else {
            // The float may lie one step outside the integer type, where the way back is undefined.
            const To end = std::ldexp(To{1}, std::numeric_limits<From>::digits);
            return to < end && static_cast<From>(to) == from;
        }
    } else if constexpr (std::is_integral_v<To>) {
        // Both bounds are powers of two (or zero), so they are exact in every float type.
        const From end = std::ldexp(From{1}, std::numeric_limits<To>::digits);
        const From begin = std::is_signed_v<To> ? -end : From{0};
        if (from >= begin && from < end) {
            to = static_cast<To>(from);
            return static_cast<From>(to) == from;
        }
        to = std::isnan(from) ? To{0} : from < begin ? std::numeric_limits<To>::min() : std::numeric_limits<To>::max();
        return false;
    } else {
        to = static_cast<To>(from);
        return !std::isinf(to) || std::isinf(from);
    }
}

/// Calls `use` with a value of the C++ type of a number (`Char` and identities are none and come as std::uint8_t).
template <class Use>
decltype(auto) with_number_type(ScalarType type, Use&& use) {
    switch (type) {
        case ScalarType::Bool:
            return use(bool{});
        case ScalarType::Int8:
            return use(std::int8_t{});
        case ScalarType::Int16:
            return use(std::int16_t{});
        case ScalarType::UInt16:
            return use(std::uint16_t{});
        case ScalarType::Int32:
            return use(std::int32_t{});
        case ScalarType::UInt32:
            return use(std::uint32_t{});
        case ScalarType::Int64:
            return use(std::int64_t{});
        case ScalarType::UInt64:
            return use(std::uint64_t{});
        case ScalarType::Float32:
            return use(float{});
        case ScalarType::Float64:
            return use(double{});
        case ScalarType::UInt8:
        case ScalarType::Char:
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            break;
    }
    return use(std::uint8_t{});
}

}  // namespace etalon
