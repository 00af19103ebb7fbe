#pragma once
/// What an input is that is not the CSV that is read here, for errors that say what to do.

#include <optional>
#include <string>
#include <string_view>

#include "etalon/error.h"

namespace etalon::text {

/// Of the first bytes of an input: what it is when it is compressed, UTF-16, or a file of another kind, and what to do.
/// Nothing when it may be text. `where` and `expected` are left to the caller.
[[nodiscard]] std::optional<ErrorInfo> find_foreign_form(std::string_view beginning);
/// Advice on a line that has another number of fields, or other names, than it should: separated by something else than
/// commas, ended by CR alone, a remark. Empty when nothing is known.
[[nodiscard]] std::string line_advice(std::string_view line);
/// Advice on a cell that is no number: a decimal comma, or another sign for what is missing. Empty when nothing is
/// known.
[[nodiscard]] std::string cell_advice(std::string_view cell, bool is_float);

}  // namespace etalon::text
