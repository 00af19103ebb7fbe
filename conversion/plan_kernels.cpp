#include "conversion/plan_kernels.h"
#include "base/numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

namespace etalon::conversion {
namespace {

template <class From, class To>
std::uint64_t convert_numbers(const Strided& at) {
    std::uint64_t lost = 0;
    const std::byte* from = at.from;
    std::byte* to = at.to;
    for (std::size_t row = 0; row < at.rows; ++row, from += at.from_stride, to += at.to_stride) {
        for (std::size_t i = 0; i < at.count; ++i) {
            To value{};
            lost += convert_value(load_number<From>(from + i * sizeof(From)), value) ? 0 : 1;
            store_number(to + i * sizeof(To), value);
        }
    }
    return lost;
}

template <class From, class To>
std::uint64_t move_numbers(const Strided& at, const Move* moves) {
    std::uint64_t lost = 0;
    const std::byte* from = at.from;
    std::byte* to = at.to;
    for (std::size_t row = 0; row < at.rows; ++row, from += at.from_stride, to += at.to_stride) {
        for (std::size_t i = 0; i < at.count; ++i) {
            To value{};
            lost += convert_value(load_number<From>(from + moves[i].from), value) ? 0 : 1;
            store_number(to + moves[i].to, value);
        }
    }
    return lost;
}

using CopyKernel = void (*)(const std::byte*, std::size_t, std::byte*, std::size_t, std::size_t);

/// A length known to the compiler becomes one or two moves instead of a call.
template <std::size_t kLength>
void copy_fixed(const std::byte* from, std::size_t from_stride, std::byte* to, std::size_t to_stride,
                std::size_t rows) {
    for (std::size_t row = 0; row < rows; ++row) {
        std::memcpy(to, from, kLength);
        from += from_stride;
        to += to_stride;
    }
}

constexpr std::size_t kNumFixed = 65;

template <std::size_t... kLengths>
constexpr std::array<CopyKernel, kNumFixed> make_copy_kernels(std::index_sequence<kLengths...>) {
    return {copy_fixed<kLengths>...};
}

constexpr auto kCopyKernels = make_copy_kernels(std::make_index_sequence<kNumFixed>{});

/// The integer as 64 bits; those of uint64 wrap, as in Element::enumerators.
std::int64_t load_integer(ScalarType type, const std::byte* at) {
    return with_number_type(type, [&]<class T>(T) { return static_cast<std::int64_t>(load_number<T>(at)); });
}

void store_integer(ScalarType type, std::int64_t value, std::byte* at) {
    with_number_type(type, [&]<class T>(T) { store_number(at, static_cast<T>(value)); });
}

/// An integer into another one, without a double in between.
template <class From, class To>
bool convert_exactly(const schema::ExactScale& scale, From from, To& to) {
    const bool is_negative = std::cmp_less(from, 0);
    const auto size = static_cast<std::uint64_t>(from);
    const auto result = scale.apply(schema::WholeNumber{is_negative, is_negative ? ~size + 1 : size});
    const auto& value = result.value;
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<To>::max());
    const std::uint64_t most = !value.is_negative ? kMost : std::is_signed_v<To> ? kMost + 1 : 0;
    const bool fits = !result.is_beyond && value.size <= most;
    const auto bits = std::min(value.size, most);
    to = static_cast<To>(value.is_negative ? ~bits + 1 : bits);
    return result.is_whole && fits;
}

/// Both types are integers, and factor and offset are known without rounding.
std::uint64_t convert_whole_units(const Strided& at, ScalarType from, ScalarType to, const schema::ExactScale& scale) {
    std::uint64_t lost = 0;
    for (std::size_t row = 0; row < at.rows; ++row) {
        for (std::size_t i = 0; i < at.count; ++i) {
            const std::byte* source = at.from + row * at.from_stride + i * size_of(from);
            std::byte* target = at.to + row * at.to_stride + i * size_of(to);
            const bool good = with_number_type(from, [&]<class From>(From) {
                return with_number_type(to, [&]<class To>(To) {
                    if constexpr (std::is_integral_v<From> && std::is_integral_v<To> && !std::is_same_v<From, bool> &&
                                  !std::is_same_v<To, bool>) {
                        To result{};
                        const bool fits = convert_exactly(scale, load_number<From>(source), result);
                        store_number(target, result);
                        return fits;
                    } else {
                        return false;
                    }
                });
            });
            lost += good ? 0 : 1;
        }
    }
    return lost;
}

}  // namespace

NumberKernel number_kernel(ScalarType from, ScalarType to) noexcept {
    return with_number_type(from, [&]<class From>(From) {
        return with_number_type(to, []<class To>(To) -> NumberKernel { return convert_numbers<From, To>; });
    });
}

MoveKernel number_move_kernel(ScalarType from, ScalarType to) noexcept {
    return with_number_type(from, [&]<class From>(From) {
        return with_number_type(to, []<class To>(To) -> MoveKernel { return move_numbers<From, To>; });
    });
}

std::uint64_t convert_units(const Strided& at, ScalarType from, ScalarType to, const schema::UnitConversion& unit) {
    if (unit.exact && is_integer(from) && is_integer(to)) return convert_whole_units(at, from, to, *unit.exact);
    std::uint64_t lost = 0;
    for (std::size_t row = 0; row < at.rows; ++row) {
        for (std::size_t i = 0; i < at.count; ++i) {
            const std::byte* source = at.from + row * at.from_stride + i * size_of(from);
            std::byte* target = at.to + row * at.to_stride + i * size_of(to);
            double value = 0;
            bool good =
                with_number_type(from, [&]<class T>(T) { return convert_value(load_number<T>(source), value); });
            const double converted = unit.apply(value);
            good = good && (std::isfinite(converted) || !std::isfinite(value));
            good = with_number_type(to,
                                    [&]<class T>(T) {
                                        T result{};
                                        const bool fits = convert_value(converted, result);
                                        store_number(target, result);
                                        return fits;
                                    }) &&
                   good;
            lost += good ? 0 : 1;
        }
    }
    return lost;
}

std::uint64_t convert_enumerators(const Strided& at, ScalarType from, ScalarType to, const EnumMap& map) {
    std::uint64_t unknown = 0;
    for (std::size_t row = 0; row < at.rows; ++row) {
        for (std::size_t i = 0; i < at.count; ++i) {
            const std::int64_t value = load_integer(from, at.from + row * at.from_stride + i * size_of(from));
            const auto entry = std::ranges::lower_bound(map, value, {}, &EnumMap::value_type::first);
            const bool known = entry != map.end() && entry->first == value;
            unknown += known ? 0 : 1;
            store_integer(to, known ? entry->second : 0, at.to + row * at.to_stride + i * size_of(to));
        }
    }
    return unknown;
}

std::uint64_t convert_text(const Strided& at, std::size_t from_capacity, std::size_t to_capacity) {
    std::uint64_t cut = 0;
    for (std::size_t row = 0; row < at.rows; ++row) {
        for (std::size_t i = 0; i < at.count; ++i) {
            const std::byte* source = at.from + row * at.from_stride + i * from_capacity;
            std::byte* target = at.to + row * at.to_stride + i * to_capacity;
            const void* end = std::memchr(source, 0, from_capacity);
            const std::size_t length =
                end == nullptr ? from_capacity : static_cast<std::size_t>(static_cast<const std::byte*>(end) - source);
            const std::size_t kept = std::min(length, to_capacity);
            cut += kept < length ? 1 : 0;
            std::memcpy(target, source, kept);
            std::memset(target + kept, 0, to_capacity - kept);
        }
    }
    return cut;
}

void copy_strided(const std::byte* from, std::size_t from_stride, std::byte* to, std::size_t to_stride,
                  std::size_t length, std::size_t rows) {
    if (length < kNumFixed) return kCopyKernels[length](from, from_stride, to, to_stride, rows);
    for (std::size_t row = 0; row < rows; ++row) std::memcpy(to + row * to_stride, from + row * from_stride, length);
}

}  // namespace etalon::conversion
