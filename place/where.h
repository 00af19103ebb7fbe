#pragma once
/// Values that were valid: winners among the records that have a row for which a condition holds.

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include "base/digest.h"
#include "evolution/value_condition.h"
#include "index/stretches.h"
#include "place/place.h"

namespace etalon::place {

/// A condition typed for the schema versions of one struct, those of all layers of a stack. Immutable, shared.
struct TypedCondition {
    std::map<Sha256, evolution::VersionTests> versions;  ///< by definition hash
};

/// Types a condition for these versions, each once, oldest first. Throws as evolution::make_value_tests().
[[nodiscard]] std::shared_ptr<const TypedCondition> type_condition(const Condition& condition,
                                                                   std::span<const store::SchemaPtr> versions,
                                                                   const schema::UnitSystem& units,
                                                                   const evolution::StructRules* rules);

/// The records of one place that count for a context with a condition, within one transaction: the records of a name
/// are read once, and proved to be all, each payload is read once, and proved.
class RecordsWhere {
public:
    /// What it gets must outlive it.
    RecordsWhere(Place& place, backends::Transaction& tx, const ReadContext& context)
        : place_(place), tx_(tx), context_(context) {}

    /// The winner and its interval, or the gap. Linear in the records of the name. Throws Error(Format) in format 1,
    /// Error(Usage) where values cannot be compared (units).
    [[nodiscard]] index::WinnerAnswer find(const Question& question);

private:
    struct OfName {
        index::NameHistory history;
        std::map<std::int64_t, bool> verdicts;  ///< by payload
    };
    OfName& records_of(const NameEntry& name);
    [[nodiscard]] bool counts(const NameEntry& name, OfName& records, const index::StretchRecord& record);

    Place& place_;
    backends::Transaction& tx_;
    const ReadContext& context_;
    std::map<std::int64_t, OfName> names_;
};

}  // namespace etalon::place
