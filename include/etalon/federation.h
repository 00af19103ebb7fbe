#pragma once
/// Several databases by name, and configurations that span them.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/answer.h"
#include "etalon/database.h"
#include "etalon/interval.h"
#include "etalon/open.h"
#include "etalon/request.h"
#include "etalon/time.h"
#include "etalon/tree.h"

namespace etalon {

/// What a configuration is asked at. Nodes on the axis that has no position are an error that names the path, baseLine
/// nodes need none.
struct ConfigurationRequest {
    std::optional<Time> time;
    std::optional<Run> run;
    std::string version;        ///< chain for nodes that have none; empty: `default`
    std::optional<AsOf> as_of;  ///< a time or a snapshot (bare commit numbers belong to one database only)
    bool strict = false;
    std::vector<AsOfPattern> as_of_patterns = {};  ///< for names of references; the tree itself goes by its root's name
    LayerUnit layer_unit = LayerUnit::Element;
    bool lenient =
        false;  ///< lossy conversions are done and counted, where elements of a node are of several schema versions
    bool provenance = true;  ///< read with the rows which records won (ElementAnswer::provenance)
};

/// One node of an assembled configuration, in depth-first order.
struct ConfigurationNode {
    NodeSpec node;                 ///< path from the root of the whole tree, through DB nodes
    std::string database;          ///< the database that the node is recorded in
    std::size_t depth = 0;         ///< 0 for the root
    std::optional<Answer> answer;  ///< of table nodes
};

/// A whole tree at one time.
struct Configuration {
    std::vector<ConfigurationNode> nodes;
    std::optional<Interval> validity;  ///< common to all table nodes on the time axis (baseLine ones do not bound it)
    std::optional<Interval> run_validity;  ///< the same for run-axis nodes
    /// The node with that path, or null.
    [[nodiscard]] const ConfigurationNode* find(std::string_view path) const noexcept;
};

/// A set of databases by name. Throws on two databases of one name. Same thread rules as Database.
class Federation {
public:
    Federation();
    Federation(Federation&&) noexcept = default;
    Federation& operator=(Federation&&) noexcept = default;
    /// Opens a database and adds it under its name (or `as`).
    Database& add(std::string_view url, const OpenOptions& options = {}, std::string_view as = {});
    /// The same of a stack of layers, the first on top.
    Database& add(const std::vector<std::string>& layers, const OpenOptions& options = {}, std::string_view as = {});
    /// URLs as a command line gives them, put together to stacks, each of one database: by the name behind `#`, else by
    /// the name that is kept inside the place, else (nothing is there yet) by that of the file. `memory:` and `csv:`
    /// without a name belong to the only database beside them: Error(Usage) where there are several. Places without `#`
    /// are looked into when there is more than one.
    [[nodiscard]] static std::vector<std::vector<std::string>> stacks_of(const std::vector<std::string>& urls);
    /// True when a URL is one of the layers: the same place, with or without `#Name`.
    [[nodiscard]] static bool has_layer(const std::vector<std::string>& layers, const std::string& url);
    /// Opens what a TOML file describes (paths relative to the file): `[databases.NAME]` with `url = "..."` or `layers
    /// = ["...", ...]` (the first on top) and `write = "..."`; `version = "..."` (chain), `as_of = "..."` and
    /// `[as_of_names]` (`"Cal*" = "..."`) for reads that say nothing themselves, and `files = "dir"` (folders with
    /// files, `:` between several; variables as in URLs), at the top or in a database, which beats the top. What
    /// `options` says beats the file; its `write_to` concerns the databases that have that layer, and none is an error.
    /// Databases are opened when first needed. Unknown keys are errors with the nearest known one.
    static Federation from_file(const std::string& path, const OpenOptions& options = {});

    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] bool has(std::string_view name) const noexcept;
    /// Throws Error(Unknown) that lists the known names.
    [[nodiscard]] Database& get(std::string_view name);
    /// The folders with the files of a database, which is not opened for that. Throws as get().
    [[nodiscard]] std::vector<std::string> files_of(std::string_view name) const;

    /// Assembles the configuration `root` of key `key` found in database `start` (empty: the only database that has
    /// it), following DB nodes. Cycles, orphans and unknown names are errors that name the path.
    [[nodiscard]] Configuration fetch_configuration(std::string_view root, std::string_view key,
                                                    const ConfigurationRequest& request, std::string_view start = {});

    /// Database::put_objects over all databases: each object goes to the one where its struct is registered (to `start`
    /// when several have it; else Error(Usage)), what others refer to first, so that a kill leaves no dangling
    /// reference. All is checked before anything is written. The result's commit is that of the first object's
    /// database.
    ObjectPutResult put_objects(std::span<const ObjectPut> objects, const CommitInfo& info = {},
                                const ObjectPutOptions& options = {}, std::string_view start = {});
    /// Objects by their ids, in their order, from whichever database has them (the first by name). A commit number in
    /// options.as_of is Error(Usage) when there are several databases.
    [[nodiscard]] std::vector<StoredObject> get_objects(std::span<const ObjectId> ids,
                                                        const ObjectReadOptions& options = {});
    [[nodiscard]] std::vector<std::optional<StoredObject>> find_objects(std::span<const ObjectId> ids,
                                                                        const ObjectReadOptions& options = {});
    /// Database::query_objects over all databases that have the struct; each object comes once, from the first by name.
    /// A commit number in query.read.as_of is Error(Usage) when there are several databases.
    [[nodiscard]] std::vector<StoredObject> query_objects(const ObjectQuery& query);
    /// What holds a reference to an object in any of the databases.
    [[nodiscard]] std::vector<Referrer> referrers(const ObjectId& id, const std::optional<AsOf>& as_of = std::nullopt);

private:
    std::shared_ptr<database::FederationState> state_;  ///< its databases refer to it
};

}  // namespace etalon
