#include "layers/compiled_definitions.h"

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "schema/definition.h"

namespace etalon::layers {

CompiledDefinitions::~CompiledDefinitions() {
    for (auto& bucket : buckets_) {
        const Node* node = bucket.load();
        while (node != nullptr) delete std::exchange(node, node->next);
    }
}

const DefinitionPtr& CompiledDefinitions::get(std::string_view definition, std::string_view struct_name) {
    const void* const address = definition.data();
    constexpr int kAligned = 6;  // texts of definitions are hundreds of bytes long
    auto& bucket = buckets_[(reinterpret_cast<std::uintptr_t>(address) >> kAligned) % kBuckets];
    const auto find = [&](const Node* from, const Node* to) -> const Node* {
        for (; from != to; from = from->next) {
            if (from->address == address) return from;
        }
        return nullptr;
    };
    const Node* head = bucket.load(std::memory_order_acquire);
    if (const auto* known = find(head, nullptr)) return known->definition;
    auto made = std::make_unique<Node>(Node{address,
                                            std::make_shared<const StructDefinition>(schema::from_json(
                                                definition, fmt::format("StructTraits<{}>", struct_name))),
                                            head});
    while (!bucket.compare_exchange_weak(head, made.get(), std::memory_order_acq_rel, std::memory_order_acquire)) {
        // Another thread added to the bucket; perhaps the same.
        if (const auto* known = find(head, made->next)) return known->definition;
        made->next = head;
    }
    return made.release()->definition;
}

}  // namespace etalon::layers
