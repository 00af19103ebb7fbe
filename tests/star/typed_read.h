#pragma once
/// `fetch<T>` for every struct of structs/, by name.

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "etalon/database.h"

namespace etalon::test {

/// What fetch<T> gave.
struct TypedRead {
    Answer answer;
    std::span<const std::byte> rows;  ///< the T's; lives as long as the answer
};

/// A struct as this compiler has it.
struct CompiledStruct {
    std::size_t size = 0;
    std::size_t alignment = 0;
    TypedRead (*fetch)(Database& db, const std::string& name, Position at) = nullptr;
};

/// Gives every struct its definition, as generated traits would; returns the structs by name.
[[nodiscard]] std::map<std::string, CompiledStruct> compiled_structs(
    const std::map<std::string, DefinitionPtr>& definitions);

}  // namespace etalon::test
