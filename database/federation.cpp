#include "etalon/federation.h"

#include <toml++/toml.h>
#include <filesystem>

#include "backends/port.h"
#include "base/nearest.h"

namespace etalon {
namespace {

std::string list_of(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
}

std::string place_of(const std::string& path, const toml::source_region& source) {
    if (source.begin.line == 0) return path;
    return path + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

[[noreturn]] void refuse_key(const std::string& where, std::string_view key, const std::vector<std::string>& known) {
    throw Error(ErrorCode::BadInput, {"unknown key in the federation file", where, list_of(known), std::string(key),
                                      did_you_mean(key, known)});
}

/// `url` with a relative file of `sqlite:` made relative to `directory`, and with `#name` where the URL says no name
/// and one is needed to make (SQLite) or find (PostgreSQL) the database.
std::string resolve_url(const std::string& url, const std::filesystem::path& directory, const std::string& name) {
    const auto place = backends::parse_place(url);
    std::string named = place.database_name;
    if (place.engine == backends::Engine::Postgres) return place.target + "#" + (named.empty() ? name : named);
    std::filesystem::path file = place.target;
    if (file.is_relative()) file = (directory / file).lexically_normal();
    // An existing file knows its name; the name in the federation may then be an alias.
    if (named.empty() && !std::filesystem::exists(file)) named = name;
    return "sqlite:" + file.string() + (named.empty() ? "" : "#" + named);
}

}  // namespace

Database& Federation::add(std::string_view url, const OpenOptions& options, std::string_view as) {
    auto database = std::make_unique<Database>(Database::open(url, options));
    const std::string name = as.empty() ? database->name() : std::string(as);
    if (const auto known = entries_.find(name); known != entries_.end()) {
        throw Error(
            ErrorCode::Usage,
            {"two databases are named " + name, known->second.url + " and " + std::string(url),
             "a name for each database", "one name twice",
             "end a URL with #Name to tell them apart; stacks of layers of one database are not available yet"});
    }
    Entry entry{std::string(url), options, std::move(database)};
    return *entries_.emplace(name, std::move(entry)).first->second.database;
}

Federation Federation::from_file(const std::string& path, const OpenOptions& options) {
    if (!std::filesystem::is_regular_file(path)) {
        throw Error(ErrorCode::BadInput, {"the federation file cannot be read", path, "a TOML file",
                                          std::filesystem::exists(path) ? "no regular file" : "nothing", ""});
    }
    toml::table file;
    try {
        file = toml::parse_file(path);
    } catch (const toml::parse_error& error) {
        throw Error(ErrorCode::BadInput, {"the federation file is not TOML: " + std::string(error.description()),
                                          place_of(path, error.source()), "", "", ""});
    }
    for (const auto& [key, value] : file) {
        if (key.str() != "databases") refuse_key(place_of(path, key.source()), key.str(), {"databases"});
    }
    const auto* databases = file["databases"].as_table();
    if (databases == nullptr || databases->empty()) {
        throw Error(ErrorCode::BadInput,
                    {"the federation file names no database", path, "[databases.NAME] with url = \"...\"",
                     file.contains("databases") ? "another kind of databases" : "no [databases.NAME]", ""});
    }
    const auto directory = std::filesystem::absolute(path).parent_path();
    Federation federation;
    for (const auto& [key, value] : *databases) {
        const std::string name(key.str());
        const auto where = place_of(path, key.source());
        const auto* database = value.as_table();
        if (name.empty() || database == nullptr) {
            throw Error(ErrorCode::BadInput, {"a database of the federation file is not described by a table", where,
                                              "[databases.NAME] with url = \"...\"", "databases." + name, ""});
        }
        for (const auto& [option, setting] : *database) {
            if (option.str() != "url") refuse_key(place_of(path, option.source()), option.str(), {"url"});
            if (!setting.is_string() || setting.as_string()->get().empty()) {
                throw Error(ErrorCode::BadInput,
                            {"url of database " + name + " is not a text", place_of(path, setting.source()),
                             "url = \"sqlite:file.db\"", "", ""});
            }
        }
        const auto* url = (*database)["url"].as_string();
        if (url == nullptr) {
            throw Error(ErrorCode::BadInput,
                        {"database " + name + " has no url", where, "url = \"sqlite:file.db\"", "", ""});
        }
        std::string resolved;
        try {
            resolved = resolve_url(url->get(), directory, name);
        } catch (const Error& error) {
            auto info = error.info();
            info.where = place_of(path, (*database)["url"].node()->source());
            throw Error(ErrorCode::BadInput, info);
        }
        federation.entries_.emplace(name, Entry{std::move(resolved), options, nullptr});
    }
    return federation;
}

std::vector<std::string> Federation::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

bool Federation::has(std::string_view name) const noexcept {
    return entries_.find(name) != entries_.end();
}

Database& Federation::get(std::string_view name) {
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) {
        const auto known = names();
        const auto near = did_you_mean(name, known);
        throw Error(ErrorCode::Unknown,
                    {"no database of that name is given", std::string(name), "one of " + list_of(known), "",
                     !near.empty() ? near : "add it with -d URL or to the federation file"});
    }
    if (!entry->second.database) {
        entry->second.database = std::make_unique<Database>(Database::open(entry->second.url, entry->second.options));
    }
    return *entry->second.database;
}

}  // namespace etalon
