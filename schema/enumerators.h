#pragma once
/// Values of enumerations by their names. Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "etalon/definition.h"

namespace etalon::schema {

/// The value that a name of the element's enumeration stands for: `kNoisy`, `Status::kNoisy` (the last part of the
/// recorded type, when it has a name), or several joined by `|`, whose bits are put together. Nothing for other text.
/// Values of uint64 wrap.
[[nodiscard]] std::optional<std::int64_t> find_enumerator(const Element& element, std::string_view text);

/// The name of a value: the first enumerator that has it, else the enumerators of its single bits (`kA|kB`) where every
/// bit has one. Empty when there is none, or the element is no enumeration.
[[nodiscard]] std::string enumerator_text(const Element& element, std::int64_t value);
/// The same of a value in memory (of the element's type).
[[nodiscard]] std::string enumerator_text_at(const Element& element, const std::byte* at);

/// True when a value in memory has such a name.
[[nodiscard]] bool has_enumerator(const Element& element, const std::byte* at) noexcept;

/// `kGood (0), kNoisy (1) and 3 more`, for messages.
[[nodiscard]] std::string list_enumerators(const Element& element);

}  // namespace etalon::schema
