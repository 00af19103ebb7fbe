#include "etalon/federation.h"

#include <toml++/toml.h>
#include <algorithm>
#include <filesystem>
#include <set>

#include "backends/port.h"
#include "base/nearest.h"
#include "base/passwords.h"
#include "base/printable.h"
#include "base/whole_input.h"
#include "database/federation_state.h"
#include "database/toml_nesting.h"
#include "etalon/files.h"
#include "index/chain.h"
#include "index/snapshots.h"
#include "layers/stack.h"
#include "layers/variables.h"
#include "place/format.h"

namespace etalon {

using Entry = database::FederationState::Entry;

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

/// A key that is nearly a known one is a slip; another one may be of a file of another kind, which is not printed.
[[noreturn]] void refuse_key(const std::string& where, std::string_view key, const std::vector<std::string>& known) {
    const auto near = did_you_mean(key, known);
    throw Error(ErrorCode::BadInput,
                {"unknown key in the federation file", where, list_of(known), near.empty() ? "" : excerpt(key), near});
}

/// `url` with a relative file of `sqlite:` made relative to `directory`, and with `#name` where the URL says no name
/// and one is needed to make (SQLite) or find (PostgreSQL) the database. Layers of files and of memory that are not
/// `alone` take the name of those beside them.
std::string resolve_url(const std::string& url, const std::filesystem::path& directory, const std::string& name,
                        bool alone) {
    const auto place = backends::parse_place_url(url);
    auto resolved = place;
    const bool said = !place.database_name.empty();
    if (place.kind == backends::PlaceKind::Memory) return said || !alone ? url : backends::named_url(place, name);
    if (place.kind == backends::PlaceKind::Server) return said ? url : backends::named_url(place, name);
    // A variable says where by itself.
    std::filesystem::path file = place.target;
    if (file.is_relative() && !place.target.starts_with('$')) file = (directory / file).lexically_normal();
    resolved.target = file.string();
    // An existing file knows its name; the name in the federation may then be an alias.
    const bool named = place.kind == backends::PlaceKind::Csv ? alone : !std::filesystem::exists(file);
    return backends::named_url(resolved, said ? place.database_name : named ? name : std::string());
}

}  // namespace

Federation::Federation() : state_(std::make_shared<database::FederationState>()) {}

Database& Federation::add(std::string_view url, const OpenOptions& options, std::string_view as) {
    return add(std::vector<std::string>{std::string(url)}, options, as);
}

Database& Federation::add(const std::vector<std::string>& layers, const OpenOptions& options, std::string_view as) {
    const auto peers = std::make_shared<database::FederationPeers>(state_);
    auto opened = std::make_unique<Database>(Database::open(layers, options, peers));
    const std::string name = as.empty() ? opened->name() : std::string(as);
    peers->set_own_name(name);
    if (const auto known = state_->entries.find(name); known != state_->entries.end()) {
        throw Error(ErrorCode::Usage,
                    {"two databases are named " + name, list_of(known->second.layers) + " and " + list_of(layers),
                     "a name for each database", "one name twice",
                     "end URLs with #Name: those of one name are layers of one database"});
    }
    return *state_->entries.emplace(name, Entry{layers, options, std::move(opened)}).first->second.database;
}

bool Federation::has_layer(const std::vector<std::string>& layers, const std::string& url) {
    return !url.empty() && std::any_of(layers.begin(), layers.end(), [&](const std::string& layer) {
        return layers::LayerStack::is_named(url, layer);
    });
}

std::vector<std::vector<std::string>> Federation::stacks_of(const std::vector<std::string>& urls) {
    std::vector<std::string> names;
    std::set<std::string> known;
    for (const auto& url : urls) {
        const auto place = backends::parse_place_url(url);
        std::string name = place.database_name;
        if (name.empty() && !place.is_private() && urls.size() > 1) {
            name = place::find_name_inside(place).value_or(place::default_name(place));
        }
        if (!name.empty()) known.insert(name);
        names.push_back(std::move(name));
    }
    std::vector<std::vector<std::string>> stacks;
    std::map<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < urls.size(); ++i) {
        if (names[i].empty() && known.size() > 1) {
            throw Error(ErrorCode::Usage, {"which of the databases does the layer cover?", shown_place(urls[i]),
                                           "a name behind '#': " + list_of({known.begin(), known.end()}), "none",
                                           "for example " + urls[i] + "#" + *known.begin()});
        }
        const auto name = names[i].empty() && !known.empty() ? *known.begin() : names[i];
        const auto [at, is_new] = by_name.emplace(name, stacks.size());
        if (is_new) stacks.emplace_back();
        stacks[at->second].push_back(urls[i]);
    }
    return stacks;
}

namespace {

const std::vector<std::string> kDefaultKeys{"version", "as_of", "as_of_names", "files"};

/// A text of the file; anything else throws.
std::string text_of(const std::string& path, const std::string& what, const toml::node& node,
                    std::string_view example) {
    const auto* text = node.as_string();
    if (text != nullptr && !text->get().empty()) return text->get();
    throw Error(ErrorCode::BadInput,
                {what + " is not a text", place_of(path, node.source()), std::string(example), "", ""});
}

/// `version`, `as_of`, `as_of_names` and `files` (relative to `directory`) of a table, over what is there.
void read_defaults(const std::string& path, const toml::table& table, const std::filesystem::path& directory,
                   OpenOptions& options) {
    const auto with_place = [&](const toml::node& node, const auto& work) {
        try {
            work();
        } catch (const Error& error) {
            throw error.within(place_of(path, node.source())).as(ErrorCode::BadInput);
        }
    };
    if (const auto* version = table.get("version")) {
        options.version = text_of(path, "version", *version, "version = \"sim,default\"");
        with_place(*version, [&] { (void)index::parse_chain(options.version); });
    }
    const auto* as_of = table.get("as_of");
    const auto* patterns = table.get("as_of_names");
    if (const auto* files = table.get("files")) {
        const auto text = text_of(path, "files", *files, "files = \"calib_files\"");
        with_place(*files, [&] {
            options.files = FileStore::parse_roots(text);
            for (auto& root : options.files) {
                root = layers::expand_variables(root, "files");
                if (std::filesystem::path(root).is_relative()) root = (directory / root).lexically_normal().string();
            }
        });
    }
    // One says what the other would leave open.
    if (as_of != nullptr || patterns != nullptr) {
        options.as_of.reset();
        options.as_of_patterns.clear();
    }
    if (as_of != nullptr) {
        with_place(*as_of,
                   [&] { options.as_of = parse_as_of(text_of(path, "as_of", *as_of, "as_of = \"2024-01-01\"")); });
    }
    if (patterns == nullptr) return;
    const auto* names = patterns->as_table();
    if (names == nullptr) {
        throw Error(ErrorCode::BadInput, {"as_of_names is not a table", place_of(path, patterns->source()),
                                          "[as_of_names] with \"Cal*\" = \"2024-01-01\"", "", ""});
    }
    for (const auto& [pattern, value] : *names) {
        const auto& node = value;
        with_place(node, [&, &key = pattern] {
            index::check_pattern(key.str());
            options.as_of_patterns.push_back(
                {std::string(key.str()),
                 parse_as_of(text_of(path, "what a pattern is read as of", node, "\"Cal*\" = \"2024-01-01\""))});
        });
    }
}

/// The layers that a database of the file names, resolved.
std::vector<std::string> read_layers(const std::string& path, const std::string& name, const toml::table& database,
                                     const std::filesystem::path& directory) {
    const auto* url = database.get("url");
    const auto* layers = database.get("layers");
    const auto where = place_of(path, database.source());
    if ((url == nullptr) == (layers == nullptr)) {
        throw Error(ErrorCode::BadInput,
                    {"database " + name + (url == nullptr ? " has no url" : " has a url and layers"), where,
                     "url = \"sqlite:file.db\", or layers = [\"csv:dir/\", \"sqlite:file.db\"]", "", ""});
    }
    std::vector<std::string> resolved;
    const auto* list = layers == nullptr ? nullptr : layers->as_array();
    const bool alone = list == nullptr || list->size() == 1;
    const auto add = [&](const toml::node& node) {
        const auto text = text_of(path, "url of database " + name, node, "url = \"sqlite:file.db\"");
        try {
            resolved.push_back(resolve_url(text, directory, name, alone));
        } catch (const Error& error) {
            throw error.at(place_of(path, node.source())).as(ErrorCode::BadInput);
        }
    };
    if (url != nullptr) {
        add(*url);
        return resolved;
    }
    if (list == nullptr || list->empty()) {
        throw Error(ErrorCode::BadInput,
                    {"layers of database " + name + " is no list of URLs", place_of(path, layers->source()),
                     "layers = [\"csv:dir/\", \"sqlite:file.db\"], the first on top", "", ""});
    }
    for (const auto& layer : *list) add(layer);
    return resolved;
}

}  // namespace

Federation Federation::from_file(const std::string& path, const OpenOptions& options) {
    if (!std::filesystem::is_regular_file(path)) {
        throw Error(ErrorCode::BadInput, {"the federation file cannot be read", path, "a TOML file",
                                          std::filesystem::exists(path) ? "no regular file" : "nothing", ""});
    }
    constexpr std::uint64_t kLargest = std::uint64_t{16} << 20;
    const auto text = read_whole_file(path, "a TOML file", kLargest);
    check_toml_nesting(text, path);
    toml::table file;
    try {
        file = toml::parse(text, path);
    } catch (const toml::parse_error& error) {
        throw Error(ErrorCode::BadInput, {"the federation file is not TOML: " + toml_reason(error.description()),
                                          place_of(path, error.source()), "", "", ""});
    }
    for (const auto& [key, value] : file) {
        std::vector<std::string> known{"databases"};
        known.insert(known.end(), kDefaultKeys.begin(), kDefaultKeys.end());
        if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
            refuse_key(place_of(path, key.source()), key.str(), known);
        }
    }
    OpenOptions of_file = options;
    const auto directory = std::filesystem::absolute(path).parent_path();
    read_defaults(path, file, directory, of_file);
    const auto* databases = file["databases"].as_table();
    if (databases == nullptr || databases->empty()) {
        throw Error(ErrorCode::BadInput,
                    {"the federation file names no database", path, "[databases.NAME] with url = \"...\"",
                     file.contains("databases") ? "another kind of databases" : "no [databases.NAME]", ""});
    }
    Federation federation;
    bool write_to_used = options.write_to.empty();
    for (const auto& [key, value] : *databases) {
        const std::string name(key.str());
        const auto where = place_of(path, key.source());
        const auto* database = value.as_table();
        if (name.empty() || database == nullptr) {
            throw Error(ErrorCode::BadInput, {"a database of the federation file is not described by a table", where,
                                              "[databases.NAME] with url = \"...\"", "databases." + name, ""});
        }
        for (const auto& [option, setting] : *database) {
            std::vector<std::string> known_keys{"url", "layers", "write"};
            known_keys.insert(known_keys.end(), kDefaultKeys.begin(), kDefaultKeys.end());
            if (std::find(known_keys.begin(), known_keys.end(), option.str()) == known_keys.end()) {
                refuse_key(place_of(path, option.source()), option.str(), known_keys);
            }
        }
        auto of_database = of_file;
        read_defaults(path, *database, directory, of_database);
        // What the caller says beats the file.
        if (!options.version.empty()) of_database.version = options.version;
        if (options.as_of || !options.as_of_patterns.empty()) {
            of_database.as_of = options.as_of;
            of_database.as_of_patterns = options.as_of_patterns;
        }
        if (!options.files.empty()) of_database.files = options.files;
        auto layers = read_layers(path, name, *database, directory);
        const bool is_here = !options.write_to.empty() && has_layer(layers, options.write_to);
        if (!is_here) of_database.write_to.clear();
        write_to_used = write_to_used || is_here;
        if (const auto* write = database->get("write"); write != nullptr && !is_here) {
            of_database.write_to =
                resolve_url(text_of(path, "write of database " + name, *write, "write = \"sqlite:file.db\""), directory,
                            name, layers.size() == 1);
        }
        federation.state_->entries.emplace(name, Entry{std::move(layers), std::move(of_database), nullptr});
    }
    if (!write_to_used) {
        throw Error(ErrorCode::Usage,
                    {"the layer to write to is not one of the layers", shown_place(options.write_to),
                     "a layer of one of the databases of " + path, "", "give its URL as in the file"});
    }
    return federation;
}

std::vector<std::string> Federation::names() const {
    return state_->names();
}

bool Federation::has(std::string_view name) const noexcept {
    return state_->entries.find(name) != state_->entries.end();
}

Database& Federation::get(std::string_view name) {
    return state_->get(name, state_);
}

std::vector<std::string> Federation::files_of(std::string_view name) const {
    return state_->find(name)->second.options.files;
}

}  // namespace etalon
