#pragma once
/// Recording structs: what was recorded, what changed and what the law of evolution says of it.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/commit.h"

namespace etalon {

/// One struct as recorded.
struct StructInfo {
    std::string name;                 ///< the newest
    std::int64_t current_schema = 0;  ///< lastSchemaID
    std::int64_t schemas = 0;         ///< number of schema versions
    std::uint64_t size = 0;           ///< of the current one
    std::uint64_t elements = 0;       ///< of the current one
    bool is_binary = false;           ///< stored as bytes unless a reference says otherwise
    std::string table_name;           ///< of its columns; empty when it has none
    /// Names that it had before it was renamed; they still find it.
    std::vector<std::string> former_names = {};

    [[nodiscard]] bool is_called(std::string_view wanted) const noexcept {
        if (name == wanted) return true;
        for (const auto& former : former_names) {
            if (former == wanted) return true;
        }
        return false;
    }
};

/// A file of rules of evolution (docs/evolution.md): its text, and its name for messages.
struct RulesFile {
    std::string name;
    std::string text;
};

/// What registering one struct did or would do.
struct RegisterOutcome {
    std::string struct_name;
    enum class Action : std::uint8_t { NewStruct, NewSchema, Known, MadeCurrent } action = Action::Known;
    std::int64_t schema = 0;           ///< the schema version that the definition is (would be)
    std::int64_t previous_schema = 0;  ///< the current one before; 0 when new
    bool is_current = true;            ///< whether `schema` is (would be) the current one
    struct Line {
        std::string change;   ///< `added fieldX int32`, `retyped a: int32 -> float64`
        std::string verdict;  ///< of reading the previous schema as this one: `automatic`, `needs rule`, ...
        std::string reason;
        bool blocks = false;  ///< refused or needs a rule
        std::string row;      ///< of the law that says so: `integer_widened` (`etalon law` lists them)
        /// Objects, and stored interval records, that the change touches when it is refused, needs a rule or is checked
        /// (else 0): those that are not retired, no holes, and stored in a schema version from which reading the new
        /// layout meets a change of this kind at this element with the same verdict or a worse one. Of all layers.
        std::uint64_t records = 0;
        /// Configurations with a table node whose reference has such a record.
        std::uint64_t configurations = 0;
        std::string kind = {};  ///< `retyped`, `unit changed`, ...
        std::string path = {};  ///< of the element in the new layout, of a removed one in the old; empty: the struct
    };
    std::vector<Line> changes;  ///< against the previous current schema
    std::size_t rules = 0;      ///< sections of rules that are (would be) recorded
    std::vector<std::string> notes =
        {};                   ///< sections that are not used here, and why; numbers whose names changed their meaning
    std::string layout = {};  ///< hash of the definition, as rules name it
    /// Of the current one before; of a new struct empty, or that of the struct that it looks like.
    std::string previous_layout = {};
    /// Renames that are likely, as rules: `rename gain -> gains`, of a new struct `rename struct padGain -> tpcGain`.
    std::vector<std::string> proposed = {};
    std::string renamed_from = {};  ///< the name that the struct had until now, when a rule renames it; else empty
    /// An older schema version, not the previous current one, that could not be read as the new current one.
    struct Other {
        std::int64_t schema = 0;
        std::string verdict;  ///< the worst: `needs rule` or `refused`
        std::string change;   ///< the first with that verdict
        std::string reason;
        std::uint64_t records = 0;         ///< stored in that layout, not retired, no holes; of all layers
        std::uint64_t configurations = 0;  ///< with a table node whose reference has such a record
    };
    std::vector<Other> others = {};  ///< ascending; they do not block
};

struct RegisterOptions {
    bool dry_run = false;
    bool strict = false;        ///< record nothing when any change is refused or needs a rule (outcomes tell)
    bool make_current = false;  ///< an already recorded definition becomes the current one
    CommitInfo info;
    std::vector<RulesFile> rules = {};  ///< of the structs that are registered; those of other structs are left alone
    /// Names of structs that only help others (they are members of them): a new one gets no named reference of its own
    /// name. `put` or `name` makes one later.
    std::vector<std::string> helpers = {};
    /// Whether a struct that references are to, and that is neither recorded here nor among those that are registered,
    /// is in another database that objects are put into by the same call (Federation). Empty: none is.
    std::function<bool(const std::string& struct_name)> is_elsewhere = {};
};

struct RegisterReport {
    std::vector<RegisterOutcome> outcomes;
    std::int64_t commit = 0;  ///< 0 when nothing was recorded
    bool blocked = false;     ///< a change is refused or needs a rule; with strict nothing was recorded
};

}  // namespace etalon
