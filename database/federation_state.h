#pragma once
/// The databases of a federation, as each of them sees the others.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "database/references.h"
#include "etalon/database.h"
#include "etalon/open.h"
#include "layers/stack_pool.h"

namespace etalon::database {

/// Databases by name; those of a file are opened when first needed.
class FederationState {
public:
    struct Entry {
        std::vector<std::string> layers;
        OpenOptions options;
        std::unique_ptr<Database> database;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;
    Entries entries;

    [[nodiscard]] std::vector<std::string> names() const;
    /// Throws Error(Unknown) that lists the known names.
    [[nodiscard]] Entries::iterator find(std::string_view name);
    /// Throws Error(Unknown) that lists the known names. `self` is this.
    [[nodiscard]] Database& get(std::string_view name, const std::shared_ptr<FederationState>& self);
    /// Runs a read of one of them.
    template <class Read>
    auto read(std::string_view name, const std::shared_ptr<FederationState>& self, Read&& work) {
        return pool_of(get(name, self)).read(std::forward<Read>(work));
    }

private:
    [[nodiscard]] static layers::StackPool& pool_of(Database& database);
    std::mutex opening_;  ///< a put of one database may open another
};

/// The others of a federation, for one of its databases.
class FederationPeers final : public Peers {
public:
    explicit FederationPeers(std::weak_ptr<FederationState> state, std::string own_name = {})
        : state_(std::move(state)), own_name_(std::move(own_name)) {}
    /// Before the database is used.
    void set_own_name(std::string name) { own_name_ = std::move(name); }
    void find(std::span<const ObjectId> ids, layers::NamesOfObjects& names) override;
    [[nodiscard]] std::vector<DefinitionPtr> find_definitions(const std::string& struct_name) override;
    [[nodiscard]] std::set<ObjectId> search_ids(const std::string& struct_name, const Condition& condition,
                                                const std::optional<AsOf>& as_of) override;
    void find_objects(std::span<const ObjectId> ids, const ObjectReadOptions& options,
                      std::vector<std::optional<StoredObject>>& found) override;

private:
    /// Calls `use(stack)` for each other database, until it returns false.
    template <class Use>
    void for_each(const Use& use);

    std::weak_ptr<FederationState> state_;
    std::string own_name_;
};

/// Throws Error(Usage) for a commit: its number belongs to one database, and `what` is asked of several.
void check_as_of_several(const std::optional<AsOf>& as_of, const std::string& what,
                         const std::string& found = "a commit");
/// Throws Error(Usage) when databases that know a struct give a member of it different units or enumerators: a
/// condition would mean two things.
void check_one_meaning(FederationState& state, const std::shared_ptr<FederationState>& self,
                       const std::string& struct_name);

}  // namespace etalon::database
