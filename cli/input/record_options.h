#pragma once
/// Options that select interval records, shared by the commands that list and that retire them.

#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.h"

namespace etalon::cli {

/// As they stand on the command line.
struct RecordOptions {
    std::vector<std::string> versions;
    std::optional<std::string> elements;
    std::optional<std::string> relation;
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<std::string> entered_from;
    std::optional<std::string> entered_to;
    std::optional<std::string> author;
    std::vector<std::string> where;

    /// What they come to on the axis of a reference; errors name the option.
    [[nodiscard]] HistoryOptions read(const NameInfo& name) const;
};
/// Adds the --where of commands that answer: of the records that count.
void add_where(CLI::App& command, std::vector<std::string>& where);
/// What several --where come to: one row for which all hold.
[[nodiscard]] Condition read_where(const std::vector<std::string>& where);
/// Adds --relation, --from, --to, --entered-from, --entered-to, --author, --version, --element and --where.
void add_record_options(CLI::App& command, RecordOptions& options);

}  // namespace etalon::cli
