#pragma once
/// Objects of one place for which a condition holds.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "objects/search.h"
#include "place/object_rows.h"
#include "place/place.h"
#include "place/where.h"
#include "store/value_sql.h"

namespace etalon::place {

/// Searches within one transaction, as of context.snapshot and by its rules. What it gets must outlive it.
class ObjectSearch {
public:
    ObjectSearch(Place& place, backends::Transaction& tx, const ReadContext& context)
        : place_(place), tx_(tx), context_(context) {}

    /// Types a condition whose references are to objects of this place: paths across them become subqueries, or are
    /// looked up where an engine cannot decide. Throws as evolution::make_value_tests().
    [[nodiscard]] std::shared_ptr<const TypedCondition> type(const StructEntry& of_struct, const Condition& condition);

    /// Which objects, and in which order: by commit and position.
    struct Wanted {
        StructPtr of_struct;
        std::shared_ptr<const TypedCondition> where;
        std::optional<std::int64_t> entered_from = std::nullopt;
        std::optional<std::int64_t> entered_to = std::nullopt;
        bool descending = true;
        std::optional<std::int64_t> limit = std::nullopt;
    };
    /// Adds them, read and proved. Throws Error(Usage) where values cannot be compared (units).
    void find(const Wanted& wanted, ObjectRows& rows);
    /// Their ids, in any order.
    [[nodiscard]] std::vector<ObjectId> find_ids(const Wanted& wanted);

private:
    using Versions = std::map<std::int64_t, store::VersionTests>;
    /// The versions that can match.
    [[nodiscard]] Versions versions_of(const Wanted& wanted);
    /// True when one statement decides.
    [[nodiscard]] bool can_say(const StructEntry& of_struct, const Versions& versions) const;
    /// The same, after subqueries were looked up where they are in the way.
    [[nodiscard]] bool decide(const StructEntry& of_struct, Versions& versions);
    void look_up_subqueries(evolution::TestTree& tree);
    /// With the rows of the struct, when the condition on these versions is asked of them.
    [[nodiscard]] objects::Search search_of(const Wanted& wanted, const Versions* joined) const;
    void append_condition(backends::Fragment& out, const Versions& versions);
    void append_subquery(backends::Fragment& out, std::size_t number);
    /// All objects of these versions, read; those that pass are kept.
    void read_and_decide(const Wanted& wanted, const Versions& versions, ObjectRows& rows);
    [[nodiscard]] evolution::ReferenceSet resolve(const std::string& target, const Condition& rest);

    struct Subquery {
        Wanted wanted;
        Versions versions;
        std::size_t depth = 0;
    };
    /// How deep the SQL of conditions is.
    [[nodiscard]] std::size_t depth_of(const evolution::TestTree& tree) const;
    [[nodiscard]] std::size_t depth_of(const Versions& versions) const;
    Place& place_;
    backends::Transaction& tx_;
    const ReadContext& context_;
    std::vector<Subquery> subqueries_;
    std::map<std::size_t, std::vector<Bytes>> looked_up_;  ///< what subqueries gave, in order
};

}  // namespace etalon::place
