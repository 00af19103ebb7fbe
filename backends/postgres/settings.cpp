#include "backends/postgres/settings.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace etalon::backends::postgres {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kSettings{
    {{"search_path", "pg_catalog, pg_temp"},
     {"standard_conforming_strings", "on"},
     {"client_encoding", "UTF8"},
     // Times are read and written in UTC whatever the server thinks.
     {"TimeZone", "UTC"},
     {"client_min_messages", "warning"},
     // Compiling a plan takes longer than the short statements run here.
     {"jit", "off"},
     // Rows that a policy of the server would hide are an error, not a gap.
     {"row_security", "off"}}};

std::string make_settings_sql(SettingsFor time) {
    const bool local = time == SettingsFor::Transaction;
    std::string out = "SELECT ";
    for (const auto& [name, value] : kSettings) {
        out += fmt::format("pg_catalog.set_config('{}', '{}', {}), ", name, value, local);
    }
    // A statement alone is its own transaction; one that is begun says its isolation.
    return local ? out + "true"
                 : out + "pg_catalog.set_config('default_transaction_isolation', 'read committed', false)";
}

}  // namespace

const std::string& settings_sql(SettingsFor time) {
    static const std::string kSession = make_settings_sql(SettingsFor::Session);
    static const std::string kTransaction = make_settings_sql(SettingsFor::Transaction);
    return time == SettingsFor::Session ? kSession : kTransaction;
}

std::string begin_sql(bool writing, bool with_settings) {
    std::string out =
        writing ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    if (with_settings) out += "; " + settings_sql(SettingsFor::Transaction);
    return out;
}

}  // namespace etalon::backends::postgres
