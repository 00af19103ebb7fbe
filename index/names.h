#pragma once
/// Named references and their policies.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backends/port.h"
#include "backends/proof.h"
#include "etalon/interval.h"
#include "etalon/reference.h"
#include "index/commits.h"

namespace etalon::index {

/// A named reference with the policy that holds at a snapshot.
struct NameRecord {
    std::int64_t id = 0;
    std::string name;
    std::int64_t struct_id = 0;
    Axis axis = Axis::Time;
    std::string view_name;
    OrderPolicy policy = OrderPolicy::ByBegin;
    Storage storage = Storage::Columns;
    Coverage coverage;
    bool has_policy = false;  ///< false: created after the snapshot
};

/// Format 2: puts named references together from rows that have all policies of each, and checks them. Statements that
/// join other things to references use it too.
class NameReader {
public:
    explicit NameReader(std::int64_t snapshot);
    /// The columns that add() reads, and the joins that they need, for aliases of namedRef, namedRefPolicy and
    /// setProof.
    [[nodiscard]] static std::string columns(std::string_view name, std::string_view policy, std::string_view proof);
    [[nodiscard]] static std::string joins(std::string_view name, std::string_view policy, std::string_view proof);
    [[nodiscard]] static int width();
    /// ` LEFT JOIN` that gives the reference itself: the one that an SQL expression names, where a condition holds.
    [[nodiscard]] static std::string join_name(std::string_view name, std::string_view condition,
                                               std::string_view expression);

    /// Reads the columns that begin at `first`. A NULL in place of the ID says nothing.
    void add(const backends::Cursor& cursor, int first);
    /// The sum over the rows of namedRef that were added.
    [[nodiscard]] backends::SetSum sum_of_names() const {
        backends::SetSum sum;
        for (const auto& [id, one] : by_id_) sum.add(one.checksum);
        return sum;
    }
    /// Those that were added, each with the policy of the snapshot; in order of ID. Throws Error(Corrupt) when policies
    /// are missing.
    [[nodiscard]] std::vector<NameRecord> finish();

private:
    struct One {
        NameRecord record;
        std::int64_t checksum = 0;
        std::int64_t newest = -1;  ///< commit of the policy
        std::set<std::int64_t> seen;
        backends::SetSum found;
        backends::SetSum proof;
    };
    std::int64_t snapshot_;
    std::map<std::int64_t, One> by_id_;
};

/// Finds named references within one transaction, each by itself until one is not there: that none is missing is proved
/// by reading all, and they answer from then on. Lives at most as long as the transaction; for one thread.
class NameFinder {
public:
    NameFinder(backends::Transaction& tx, std::int64_t snapshot) : tx_(tx), snapshot_(snapshot) {}
    /// The named reference as of the snapshot, or nothing.
    [[nodiscard]] std::optional<NameRecord> find(std::string_view name);
    /// Says what the transaction has written of a reference.
    void note(const NameRecord& record);
    /// All references, once one was not there (and the format proves that); else null.
    [[nodiscard]] const std::map<std::string, NameRecord, std::less<>>* all() const noexcept {
        return all_ ? &*all_ : nullptr;
    }

private:
    backends::Transaction& tx_;
    std::int64_t snapshot_;
    std::optional<std::map<std::string, NameRecord, std::less<>>> all_;
};

/// The named reference as of a snapshot, or nothing.
[[nodiscard]] std::optional<NameRecord> find_name(backends::Transaction& tx, std::string_view name,
                                                  std::int64_t snapshot);
/// All of them, in order of name.
[[nodiscard]] std::vector<NameRecord> all_names(backends::Transaction& tx, std::int64_t snapshot);
/// All of them as far as their own rows say, unchecked and without policies; in no order. For when their proof fails.
[[nodiscard]] std::vector<NameRecord> read_unproved_names(backends::Transaction& tx);
/// The names of all references, unchecked.
[[nodiscard]] std::set<std::string> read_all_spellings(backends::Transaction& tx);

/// Format 1: a reference and the policy of a snapshot, joined to a statement that names references. Columns n and p:
/// what read_joined_name reads.
[[nodiscard]] std::string joined_name_columns();
inline constexpr int kJoinedNameColumns = 7;
/// ` LEFT JOIN`s that give them for the reference that an SQL expression names, where a condition holds; `snapshot` is
/// a parameter such as `?3`.
[[nodiscard]] std::string join_names(std::string_view condition, std::string_view expression,
                                     std::string_view snapshot);
/// Reads the columns that begin at `first`: everything but the name. Nothing when there is no such reference.
[[nodiscard]] std::optional<NameRecord> read_joined_name(const backends::Cursor& cursor, int first);
/// Names similar to an unknown one, nearest first, at most three.
[[nodiscard]] std::vector<std::string> similar_names(backends::Transaction& tx, std::string_view name);

/// Inserts a named reference (without policy) and returns its ID.
std::int64_t insert_name(backends::Transaction& tx, const NameRecord& record, std::int64_t entry_time);
/// Appends a policy that holds from the commit on.
void insert_policy(backends::Transaction& tx, const NameRecord& record, const CommitStamp& stamp);
/// The item of a commit that recorded it.
[[nodiscard]] Bytes policy_item(const NameRecord& record);
/// Calls `add(commit, item)` for the policies that all commits recorded.
void visit_policy_items(backends::Transaction& tx, const std::function<void(std::int64_t commit, Bytes item)>& add);
/// Changes struct and axis of a named reference that has no records.
void change_name(backends::Transaction& tx, const NameRecord& record);
void set_view_name(backends::Transaction& tx, std::int64_t name_id, std::string_view view_name);
/// True when any interval record of the name exists.
[[nodiscard]] bool has_records(backends::Transaction& tx, std::int64_t name_id);

}  // namespace etalon::index
