#pragma once
/// The stored form of a parameter set: a text that is the same for equal sets, so that equal sets are stored once.

#include <string>
#include <string_view>

#include "etalon/parameters.h"

namespace etalon::params {

/// The stored form (docs/storage_format.md): JSON, one parameter a line in order of name, each with its type; doubles
/// as texts that read back to the same bits.
[[nodiscard]] std::string to_canonical(const ParameterSet& set);
/// Inverse of to_canonical. Throws Error(Format) for a newer format, Error(Corrupt) for anything that to_canonical does
/// not write; both name `origin`.
[[nodiscard]] ParameterSet from_canonical(std::string_view text, std::string_view origin);

}  // namespace etalon::params
