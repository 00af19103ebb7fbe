#pragma once
/// That references resolve: to objects of the same call, of the layers of a database, or of another one of its
/// federation.

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "database/audit/verifier.h"
#include "etalon/commit.h"
#include "etalon/object.h"
#include "etalon/verify.h"
#include "layers/objects.h"

namespace etalon::layers {
class StackPool;
}

namespace etalon::database {

/// Other databases that may have objects to which one refers.
class Peers {
public:
    virtual ~Peers() = default;
    /// Adds those of the ids that others have and that are not in `names` yet.
    virtual void find(std::span<const ObjectId> ids, layers::NamesOfObjects& names) = 0;
    /// The definitions of a struct in the first of them that knows it, oldest first; empty: none does.
    [[nodiscard]] virtual std::vector<DefinitionPtr> find_definitions(const std::string& struct_name) = 0;
    /// layers::search_ids of all that know the struct. Throws Error(Usage) for a commit number, which is of one
    /// database.
    [[nodiscard]] virtual std::set<ObjectId> search_ids(const std::string& struct_name, const Condition& condition,
                                                        const std::optional<AsOf>& as_of) = 0;
    /// Reads the objects that are not in `found`, in the order of the ids.
    virtual void find_objects(std::span<const ObjectId> ids, const ObjectReadOptions& options,
                              std::vector<std::optional<StoredObject>>& found) = 0;
};

/// References that have to resolve, each once, with where it stands for the error.
class WantedReferences {
public:
    struct Wanted {
        ObjectId id{};
        std::string target;
        std::string where;  ///< `object 3 of the call, struct Image, member session`
    };
    /// Those of rows; the layout lives as long as this. `what` says which rows they are; it is asked for the first of
    /// each target only.
    void add(const StructDefinition& layout, const std::byte* rows, std::uint64_t num_rows,
             const std::function<std::string(std::uint64_t row)>& what);
    [[nodiscard]] bool empty() const noexcept { return wanted_.empty(); }
    [[nodiscard]] const std::vector<Wanted>& all() const noexcept { return wanted_; }
    /// Their ids, without those in `known`.
    [[nodiscard]] std::vector<ObjectId> ids(const layers::NamesOfObjects& known) const;
    /// Throws Error(Unknown) for the first that is not in `names`, or that has not its target among them.
    void check(const layers::NamesOfObjects& names) const;

private:
    /// Ids are random already.
    struct Hash {
        std::size_t operator()(const std::pair<ObjectId, std::uint32_t>& one) const noexcept {
            std::size_t first = 0;
            std::memcpy(&first, one.first.bytes, sizeof first);
            return first ^ one.second;
        }
    };
    /// A number for each target, by element.
    [[nodiscard]] const std::vector<std::uint32_t>& targets_of(const StructDefinition& layout);

    std::vector<Wanted> wanted_;
    std::unordered_set<std::pair<ObjectId, std::uint32_t>, Hash> seen_;
    std::map<std::string, std::uint32_t> targets_;
    std::map<const StructDefinition*, std::vector<std::uint32_t>> layouts_;
};

/// Throws Error(Unknown) naming the first reference of records, or of objects, that does not resolve. The objects of a
/// call may refer to one another.
void check_references(layers::StackPool& pool, Peers* peers, std::span<const PutRecord> records);
void check_references(layers::StackPool& pool, Peers* peers, std::span<const ObjectPut> objects);

/// Of references to objects that a place has not: those that another layer or database has are told beside the findings
/// of a report, the others are findings.
void judge_dangling(layers::StackPool& pool, Peers* peers, std::span<const DanglingReference> dangling,
                    VerifyReport& report);

/// The ids of objects, in order; a definition is hashed once.
[[nodiscard]] std::vector<ObjectId> compute_ids(std::span<const ObjectPut> objects);

}  // namespace etalon::database
