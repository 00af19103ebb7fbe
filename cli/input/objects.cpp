#include "cli/input/objects.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <set>

#include "interchange/objects.h"
#include "schema/definition.h"
#include "schema/references.h"

namespace etalon::cli {
namespace {

/// Objects as they are stored, so that their ids can be computed again.
std::vector<StoredObject> read_as_stored(Federation& federation, const std::vector<ObjectId>& ids) {
    ObjectReadOptions how;
    how.as_stored = true;
    auto objects = federation.get_objects(ids, how);
    for (const auto& object : objects) {
        if (compute_object_id(*object.layout, object.row.get()) == object.id) continue;
        throw Error(ErrorCode::Corrupt, {"an object does not have its id", "object " + format_id(object.id), "", "",
                                         "'etalon verify --deep' says more"});
    }
    return objects;
}

/// The database that objects of a struct are put into.
Database& database_for(Invocation& invocation, Database& start, const std::string& struct_name) {
    return has_struct(start, struct_name) ? start : invocation.database_of_struct(struct_name);
}

}  // namespace

interchange::ObjectSource object_source(Invocation& invocation, Database& start) {
    interchange::ObjectSource source;
    source.definition = [&invocation, &start](const std::string& name) {
        return database_for(invocation, start, name).get_definition(name);
    };
    return source;
}

void PendingFiles::take_from(interchange::ObjectSource& source, Invocation& invocation, Database& start) {
    source.examine_file = [this, &invocation, &start](const std::string& path, const std::string& struct_name) {
        auto store = database_for(invocation, start, struct_name).files();
        if (store.empty()) {
            throw Error(ErrorCode::BadInput, {"there is no place for files", path, "a directory that files are kept in",
                                              "none", "name one with --files DIR"});
        }
        const auto file = FileStore::examine(path);
        pending_.push_back({path, file, std::move(store)});
        return file;
    };
}

void PendingFiles::keep() const {
    for (const auto& one : pending_) {
        if (one.store.put(one.path) == one.file) continue;
        throw Error(ErrorCode::BadInput, {"the file was changed while it was read", one.path, format_file(one.file),
                                          "other content", "put the objects again"});
    }
}

ObjectReadOptions ObjectOptions::read() const {
    ObjectReadOptions how;
    if (!as_of.empty()) how.as_of = parse_as_of(as_of);
    how.schema = schema;
    how.strict = strict;
    how.lenient = lenient;
    return how;
}

void add_object_options(CLI::App& command, Invocation& invocation, ObjectOptions& options) {
    command
        .add_option("--follow", options.follow,
                    "References to follow: members such as session or session.user, or all; in JSON what they lead to "
                    "stands in their place")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("PATH,...");
    add_integer(command, "--schema", options.schema, "Schema version to return (default: the newest)", 1)
        ->type_name("N");
    command.add_option("--as-of", options.as_of, "As of a commit, date or snapshot")->type_name("WHEN");
    command.add_flag("--strict", options.strict, "Members that were not stored are an error");
    command.add_flag("--lenient", options.lenient, "Convert with loss where a value does not fit, and count");
    add_format(command, invocation);
}

void print_objects(Invocation& invocation, const std::vector<StoredObject>& objects, const ObjectOptions& options) {
    auto& out = invocation.out;
    auto how = options.read();
    how.schema = 0;  // what references lead to is of other structs
    const auto followed = interchange::follow(objects, options.follow, [&](std::span<const ObjectId> ids) {
        return invocation.federation().find_objects(ids, how);
    });
    if (invocation.format() == Format::Json) {
        out << "{\"objects\":[";
        for (const auto& object : objects) {
            out << (&object == &objects.front() ? "\n " : ",\n ") << interchange::to_json(object, followed);
        }
        out << "]}\n";
        return;
    }
    std::vector<StoredObject> all = objects;
    std::set<ObjectId> asked;
    for (const auto& object : objects) asked.insert(object.id);
    for (const auto& [id, object] : followed.objects) {
        if (!asked.contains(id)) all.push_back(object);
    }
    // Those of one layout together, in the order in which the first of them came.
    std::vector<std::vector<StoredObject>> groups;
    for (auto& object : all) {
        const auto group = std::ranges::find_if(groups, [&](const auto& one) {
            const auto& layout = one.front().layout;
            return one.front().struct_name == object.struct_name &&
                   (layout == object.layout || *layout == *object.layout);
        });
        if (group == groups.end()) {
            groups.push_back({std::move(object)});
        } else {
            group->push_back(std::move(object));
        }
    }
    for (const auto& group : groups) {
        if (&group != &groups.front()) out << "\n";
        if (groups.size() > 1 && invocation.format() == Format::Table) out << group.front().struct_name << "\n";
        if (invocation.format() == Format::Csv) {
            interchange::write_csv(out.stream(), group);
        } else {
            print(out, invocation.format(), without_empty_columns(interchange::object_table(group)));
        }
        std::set<std::string> absent;
        for (const auto& object : group) absent.insert(object.absent.begin(), object.absent.end());
        if (!absent.empty()) {
            print_note(
                fmt::format("not stored with some of {}: {}", group.front().struct_name, fmt::join(absent, ", ")));
        }
    }
}

ExportDocument export_closure(Federation& federation, const std::vector<ObjectId>& ids, bool closure) {
    std::map<ObjectId, StoredObject> objects;
    std::vector<ObjectId> level;
    std::set<ObjectId> seen;
    for (const auto& id : ids) {
        if (seen.insert(id).second) level.push_back(id);
    }
    while (!level.empty()) {
        std::vector<ObjectId> next;
        for (auto& object : read_as_stored(federation, level)) {
            if (closure) {
                schema::visit_references(*object.layout, object.row.get(), 1, [&](const auto& reference) {
                    if (seen.insert(reference.id).second) next.push_back(reference.id);
                });
            }
            const auto id = object.id;
            objects.emplace(id, std::move(object));
        }
        level = std::move(next);
    }
    // What is referred to before what refers to it: there are no cycles.
    std::vector<StoredObject> ordered;
    std::set<ObjectId> done;
    std::vector<std::pair<ObjectId, bool>> work;
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) work.emplace_back(*id, false);
    while (!work.empty()) {
        const auto [id, is_ready] = work.back();
        work.pop_back();
        const auto found = objects.find(id);
        if (found == objects.end() || done.contains(id)) continue;
        if (is_ready) {
            done.insert(id);
            ordered.push_back(found->second);
            continue;
        }
        work.emplace_back(id, true);
        schema::visit_references(*found->second.layout, found->second.row.get(), 1,
                                 [&](const auto& reference) { work.emplace_back(reference.id, false); });
    }
    std::vector<DefinitionPtr> definitions;
    std::set<std::string> hashes;
    for (const auto& object : ordered) {
        if (hashes.insert(to_hex(schema::definition_hash(*object.layout))).second) definitions.push_back(object.layout);
    }
    return {interchange::export_objects(ordered, definitions), ordered.size()};
}

std::vector<StructDefinition> find_missing(Invocation& invocation, const std::vector<DefinitionPtr>& definitions) {
    std::vector<StructDefinition> missing;
    for (const auto& definition : definitions) {
        const auto hash = schema::definition_hash(*definition);
        const auto knows = [&](const std::string& name) {
            auto& database = invocation.federation().get(name);
            if (!has_struct(database, definition->name)) return false;
            return std::ranges::any_of(database.get_definitions(definition->name),
                                       [&](const auto& one) { return schema::definition_hash(*one) == hash; });
        };
        if (!std::ranges::any_of(invocation.names(), knows)) missing.push_back(*definition);
    }
    return missing;
}

std::string list_names(const std::vector<StructDefinition>& definitions) {
    std::string names;
    for (const auto& one : definitions) names += (names.empty() ? "" : ", ") + one.name;
    return names;
}

void record_definitions(Invocation& invocation, const std::vector<DefinitionPtr>& definitions, bool may_register,
                        const CommitInfo& info) {
    const auto missing = find_missing(invocation, definitions);
    if (missing.empty()) return;
    const auto names = list_names(missing);
    if (!may_register) {
        throw Error(ErrorCode::Unknown,
                    {"definitions that are not recorded here", names, "structs in these very layouts", "none",
                     "register their headers, or record them with --register"});
    }
    RegisterOptions how;
    how.info = info;
    how.strict = true;
    const auto report = invocation.only_database().register_structs(missing, how);
    if (!report.blocked) {
        print_note(fmt::format("{} recorded in commit {}", names, report.commit));
        return;
    }
    throw Error(ErrorCode::Refused, {"the definitions cannot be recorded: a change is refused or needs a rule", names,
                                     "", "", "register the headers of the other database with rules"});
}

}  // namespace etalon::cli
