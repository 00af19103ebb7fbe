#pragma once
/// What one run of the command line works with: the databases it was given, the output, the format.

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/render/output.h"
#include "etalon/federation.h"
#include "etalon/files.h"
#include "interchange/position_text.h"

namespace CLI {
class App;
class Option;
class Validator;
}  // namespace CLI

namespace etalon::cli {

using interchange::read_position;

/// Prints a line on standard error, as people may read it: without passwords (base/passwords.h), control and bidi
/// characters.
void print_line(std::string_view text);
/// Prints `etalon: error: ...` on standard error.
void print_error(std::string_view message);
/// Prints `etalon: note: ...` on standard error.
void print_note(std::string_view message);

class Invocation {
public:
    // Filled by the parser.
    std::vector<std::string> databases;  ///< values of -d: URLs, or names of databases in the federation file
    std::string config;                  ///< federation file
    std::string write_to;                ///< URL of the layer that is written to
    std::string format_name = "table";
    std::vector<std::string> clang_args;  ///< what followed `--`

    Output out;

    std::string at_least;  ///< commit that the place has to have; empty: any
    std::string files;     ///< folders with files, ':' between them; empty: of the environment or the federation file
    std::string wait;      ///< seconds to wait for what is in the way; empty: the default

    [[nodiscard]] Format format() const;
    /// Whether -d, --config or ETALON_DB name one.
    [[nodiscard]] bool has_database() const;
    /// All databases that are given: those of one name (Federation::stacks_of) are layers. Opened when first called;
    /// `options` count then, with the defaults of the environment (ETALON_VERSION, ETALON_AS_OF, ETALON_FILES).
    Federation& federation(const OpenOptions& options = {});
    /// Names of the databases that commands work on: those of -d, else all.
    std::vector<std::string> names(const OpenOptions& options = {});
    /// The only database; throws Error(Usage) that lists them when several are given.
    Database& only_database();
    /// The only database that `knows`; `what` and `name` are for the errors. With one database given that is it, known
    /// or not.
    Database& database_knowing(std::string_view what, std::string_view name,
                               const std::function<bool(Database&)>& knows);
    /// The database to write to a named reference: the only one that knows it.
    Database& database_of_reference(std::string_view name);
    /// The database to read a named reference from: of several that know it (every registered struct makes one of its
    /// name), the only one that has records of it.
    Database& database_with_records_of(std::string_view name);
    /// The database that has a run map: `own` (that of the reference to be read or written), else the only other one.
    Database& database_of_run_map(Database& own, const std::string& map);
    /// The database that knows a struct.
    Database& database_of_struct(std::string_view name);

    /// The files outside: --files, else ETALON_FILES, else those of the federation file, for which all databases that
    /// commands work on must have the same folders. Opens no database of a federation file. Without any, every call of
    /// it says how to name one.
    [[nodiscard]] FileStore file_store();

    /// The place of a second side: a URL, or the name of a database that is given. Opened when first called.
    Database& other_database(const std::string& place);
    /// The same as a federation with the name of the database in it.
    std::pair<Federation*, std::string> other_federation(const std::string& place);

private:
    /// How places are opened: `options` with what the line and the environment say.
    [[nodiscard]] OpenOptions opening(const OpenOptions& options) const;

    std::unique_ptr<Federation> federation_;
    std::unique_ptr<Federation> other_;
    std::vector<std::string> selected_;
};

/// What a command does once the line is parsed; returns the exit status.
using Action = std::function<int(Invocation&)>;

/// What --as-of says, once or several times: WHEN, or PATTERN=WHEN for the names that match.
struct AsOfTexts {
    std::vector<std::string> texts;
    /// Throws Error(Usage) when WHEN is given twice.
    void read(std::optional<AsOf>& as_of, std::vector<AsOfPattern>& patterns) const;
};
/// `--as-of` of a command that reads.
void add_as_of(CLI::App& command, AsOfTexts& texts);
/// `--layer-unit` of a command that reads.
void add_layer_unit(CLI::App& command, LayerUnit& unit);
/// A note when a date was asked for that is not settled, which says how to pin what was read: several layers have no
/// common commit number.
void note_unsettled(const AnswerData& answer, bool layered);

/// Whether a database has a struct of that name.
[[nodiscard]] bool has_struct(Database& database, std::string_view name);
/// A recorded struct by its name, or one that it had.
[[nodiscard]] std::optional<StructInfo> find_struct(Database& database, std::string_view name);
/// The named reference of a database; throws Error(Unknown) with the nearest name.
[[nodiscard]] NameInfo get_name(Database& database, std::string_view name);
/// The whole of an input file; `-` is standard input. Error(BadInput) that says what it should have been.
[[nodiscard]] std::string read_file(const std::string& path, std::string_view expected);
/// Checks of options, without the noise that the parser's own ones make in the help.
[[nodiscard]] CLI::Validator one_of(const std::vector<std::string>& words);
/// Refuses an empty text, where it would silently mean the default.
[[nodiscard]] CLI::Validator not_empty();
/// `text` as a decimal integer from `least` on; anything else is an error of the parser that names the option.
[[nodiscard]] std::int64_t read_integer(const std::string& option, const std::string& text, std::int64_t least);
/// An option that is a decimal integer from `least` on. The parser's own integers would take octal and hexadecimal
/// ones, and cut off what is too large. `value` must live as long as the parser.
CLI::Option* add_integer(CLI::App& command, const std::string& option, std::int64_t& value,
                         const std::string& description, std::int64_t least = std::numeric_limits<std::int64_t>::min());
/// `--wait` and `--at-least`, before the command and behind it.
void add_waits(CLI::App& app, Invocation& invocation);
/// Adds `--comment TEXT`: lines of CSV that are left out.
void add_comment(CLI::App& command, std::string& comment);
/// `--format` of a command that prints data.
void add_format(CLI::App& command, Invocation& invocation);

// One per file of commands. Each adds its commands to the parser; a parsed command leaves what to do in `action`.
void add_catalog_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_header_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_put_command(CLI::App& app, Invocation& invocation, Action& action);
void add_import_command(CLI::App& app, Invocation& invocation, Action& action);
void add_get_command(CLI::App& app, Invocation& invocation, Action& action);
void add_history_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_explain_command(CLI::App& app, Invocation& invocation, Action& action);
void add_law_command(CLI::App& app, Invocation& invocation, Action& action);
void add_lint_command(CLI::App& app, Invocation& invocation, Action& action);
void add_retire_command(CLI::App& app, Invocation& invocation, Action& action);
void add_tree_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_tree_check(CLI::App& tree, Invocation& invocation, Action& action);
void add_snapshot_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_scan_command(CLI::App& app, Invocation& invocation, Action& action);
void add_params_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_runs_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_view_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_object_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_object_query(CLI::App& object, Invocation& invocation, Action& action);
void add_query_commands(CLI::App& app, Invocation& invocation, Action& action);
void add_verify_command(CLI::App& app, Invocation& invocation, Action& action);
void add_diff_command(CLI::App& app, Invocation& invocation, Action& action);
void add_file_commands(CLI::App& app, Invocation& invocation, Action& action);
/// `tree diff` and `snapshot diff`, which stand in groups.
void add_tree_diff(CLI::App& tree, Invocation& invocation, Action& action);
void add_snapshot_diff(CLI::App& snapshot, Invocation& invocation, Action& action);

}  // namespace etalon::cli
