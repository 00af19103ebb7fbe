#pragma once
/// The settings of the server that Etalon's statements count on, in one place.

#include <string>

namespace etalon::backends::postgres {

/// For how long settings hold.
enum class SettingsFor {
    Session,      ///< a connection that is ours alone
    Transaction,  ///< to the end of the transaction: behind a pooler the next one may be somebody else's
};

/// One SELECT that puts the settings in force; right with any settings before it, and with whatever somebody made in
/// schemas that a search path may name.
///
/// search_path is pg_catalog, then pg_temp: a name without a schema, operators and casts among them, is found in
/// pg_catalog or not at all (types and relations of pg_temp come last; functions and operators are never looked up
/// there).
[[nodiscard]] const std::string& settings_sql(SettingsFor time);

/// How a transaction begins; not the server's defaults.
[[nodiscard]] std::string begin_sql(bool writing, bool with_settings);

}  // namespace etalon::backends::postgres
