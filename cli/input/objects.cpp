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

/// The recorded definition that an object is stored in.
DefinitionPtr stored_definition(Federation& federation, const StoredObject& object) {
    return federation.get(object.database).get_definition(object.struct_name, object.schema);
}

/// Objects as they are stored, so that their ids can be computed again.
std::vector<StoredObject> read_as_stored(Federation& federation, const std::vector<ObjectId>& ids) {
    auto objects = federation.get_objects(ids);
    std::map<std::pair<const StructDefinition*, std::int64_t>, std::vector<std::size_t>> others;
    std::map<std::pair<std::string, std::int64_t>, DefinitionPtr> definitions;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        auto& definition = definitions[{objects[i].struct_name, objects[i].schema}];
        if (!definition) definition = stored_definition(federation, objects[i]);
        if (schema::definition_hash(*definition) == schema::definition_hash(*objects[i].layout)) continue;
        others[{definition.get(), objects[i].schema}].push_back(i);
    }
    for (const auto& [key, places] : others) {
        std::vector<ObjectId> some;
        for (const auto place : places) some.push_back(objects[place].id);
        ObjectReadOptions how;
        how.layout = definitions.at({objects[places.front()].struct_name, key.second});
        auto read = federation.get_objects(some, how);
        for (std::size_t i = 0; i < places.size(); ++i) objects[places[i]] = std::move(read[i]);
    }
    return objects;
}

}  // namespace

interchange::ObjectSource object_source(Invocation& invocation, Database& start, bool dry_run) {
    interchange::ObjectSource source;
    source.definition = [&invocation, &start](const std::string& name) {
        auto& database = has_struct(start, name) ? start : invocation.database_of_struct(name);
        return database.get_definition(name);
    };
    if (auto files = start.files(); !files.empty()) {
        source.keep_file = [files = std::move(files), dry_run](const std::string& path) {
            return dry_run ? FileStore::examine(path) : files.put(path);
        };
    }
    return source;
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
    for (const auto& [id, object] : followed.objects) {
        if (std::ranges::find(objects, id, &StoredObject::id) == objects.end()) all.push_back(object);
    }
    // Those of one layout together, in the order in which the first of them came.
    std::vector<std::vector<StoredObject>> groups;
    for (auto& object : all) {
        const auto group = std::ranges::find_if(groups, [&](const auto& one) {
            return one.front().struct_name == object.struct_name && *one.front().layout == *object.layout;
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
        const auto table = interchange::object_table(group);
        print(out, invocation.format(), invocation.format() == Format::Table ? without_empty_columns(table) : table);
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

void record_definitions(Invocation& invocation, const std::vector<DefinitionPtr>& definitions, bool may_register,
                        const CommitInfo& info) {
    std::vector<StructDefinition> missing;
    std::string names;
    for (const auto& definition : definitions) {
        const auto hash = schema::definition_hash(*definition);
        const auto knows = [&](const std::string& name) {
            auto& database = invocation.federation().get(name);
            if (!has_struct(database, definition->name)) return false;
            return std::ranges::any_of(database.get_definitions(definition->name),
                                       [&](const auto& one) { return schema::definition_hash(*one) == hash; });
        };
        if (std::ranges::any_of(invocation.names(), knows)) continue;
        names += (names.empty() ? "" : ", ") + definition->name;
        missing.push_back(*definition);
    }
    if (missing.empty()) return;
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
