#pragma once
/// Two layouts of a struct side by side, and the law that judges what differs.

#include <span>
#include <string>
#include <vector>

#include "etalon/definition.h"
#include "evolution/change.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// One element as it stands on both sides, or on one; with everything that changed. Points into what it was made of.
struct ElementPair {
    const Element* stored = nullptr;
    const Element* asked = nullptr;
    std::vector<const evolution::JudgedChange*> changes;

    [[nodiscard]] const std::string& path() const { return asked != nullptr ? asked->path : stored->path; }
};
/// `float32[24][3] @8 [mm]`: type, offset and unit; empty for no element.
[[nodiscard]] std::string side_text(const Element* element);
/// The element with that path, or null.
[[nodiscard]] const Element* find_element(const StructDefinition& definition, const std::string& path);

/// What reading `stored` as `asked` changes.
struct LayoutChanges {
    /// Elements in the order of the asked layout; removed ones stand behind the element that they were stored behind.
    std::vector<ElementPair> pairs;
    /// Changes that are of no pair: without a path, of the struct itself (its size or alignment); of another path, of a
    /// nested struct; what an element loses beside what it gives.
    std::vector<const evolution::JudgedChange*> apart;
};
/// Sorts judged changes by element. All three arguments must outlive the result.
[[nodiscard]] LayoutChanges arrange(const StructDefinition& stored, const StructDefinition& asked,
                                    std::span<const evolution::JudgedChange> judged);

/// A row for each change of an element, or one `same`: element, stored, asked, change, verdict, reason.
[[nodiscard]] Table change_table(const LayoutChanges& changes, const StructDefinition& stored,
                                 const StructDefinition& asked);
/// The law: row, change, verdict, reader.
[[nodiscard]] Table law_table();

}  // namespace etalon::interchange
