#pragma once
/// Definitions of compiled structs, parsed once and found by their address.

#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>

#include "etalon/definition.h"

namespace etalon::layers {

/// A table that only grows: one entry for each struct that the program was compiled with. All calls may come from any
/// thread; a lookup writes nothing that threads share, so that they do not slow each other down.
class CompiledDefinitions {
public:
    CompiledDefinitions() = default;
    ~CompiledDefinitions();
    CompiledDefinitions(const CompiledDefinitions&) = delete;
    CompiledDefinitions& operator=(const CompiledDefinitions&) = delete;

    /// The definition behind a text in static storage (StructTraits<T>::kDefinition); lives as long as the table.
    /// Throws Error(BadInput) when the text is not one.
    [[nodiscard]] const DefinitionPtr& get(std::string_view definition, std::string_view struct_name);

private:
    struct Node {
        const void* address;
        DefinitionPtr definition;
        const Node* next;
    };
    static constexpr std::size_t kBuckets = 256;
    std::array<std::atomic<const Node*>, kBuckets> buckets_{};
};

}  // namespace etalon::layers
