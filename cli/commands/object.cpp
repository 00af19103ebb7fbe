/// etalon object: rows that have an identity and refer to one another.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "base/whole_input.h"
#include "cli/input/objects.h"
#include "cli/invocation.h"
#include "cli/render/progress.h"
#include "cli/render/write_file.h"
#include "interchange/object_files.h"
#include "interchange/objects.h"
#include "schema/definition.h"

namespace etalon::cli {
namespace {

ObjectId read_id(const std::string& text) {
    const auto id = parse_id(text);
    if (id && !id->is_null()) return *id;
    throw Error(ErrorCode::BadInput,
                {"no id of an object", "'" + text + "'", "32 hexadecimal digits, not all of them 0",
                 fmt::format("{} characters", text.size()), "'etalon object put' and 'object query' print them"});
}

std::vector<ObjectId> read_ids(const std::vector<std::string>& texts) {
    std::vector<ObjectId> ids;
    for (const auto& text : texts) ids.push_back(read_id(text));
    return ids;
}

// ---- put

struct PutOptions {
    std::string struct_name;
    std::string file;
    std::string comment;
    std::int64_t schema = 0;
    std::string reason;
    bool dry_run = false;
};

int put(Invocation& invocation, const PutOptions& options) {
    auto& start = invocation.database_of_struct(options.struct_name);
    auto source = object_source(invocation, start);
    PendingFiles files;
    files.take_from(source, invocation, start);
    source.csv = {options.comment};
    if (options.schema != 0) {
        source.definition = [find = source.definition, &start, &options](const std::string& name) {
            return name == options.struct_name ? start.get_definition(name, options.schema) : find(name);
        };
    }
    const auto loaded = interchange::load_objects(options.file, std::cin, options.struct_name, source);
    if (loaded.objects.empty()) {
        throw Error(
            ErrorCode::BadInput,
            {"no objects", options.file, fmt::format("objects of {} as JSON or CSV", options.struct_name), "none", ""});
    }
    ObjectPutOptions how;
    how.dry_run = options.dry_run;
    CommitInfo info;
    info.reason = options.reason;
    ObjectPutResult result;
    auto& federation = invocation.federation();
    if (!options.dry_run && !files.empty()) {
        // What is refused shall leave no files behind.
        auto trial = how;
        trial.dry_run = true;
        (void)federation.put_objects(loaded.objects, info, trial, start.name());
        files.keep();
    }
    {
        ProgressBar bar("writing objects");
        how.progress = bar.callback();
        result = federation.put_objects(loaded.objects, info, how, start.name());
    }
    std::vector<PutObject> told;
    for (const auto place : loaded.asked) told.push_back(result.objects[place]);
    const auto num_asked = told.size();
    for (const auto place : loaded.nested) told.push_back(result.objects[place]);
    const auto table = interchange::put_table(told);
    if (invocation.format() == Format::Csv) {
        print(invocation.out, Format::Csv, table);
        return 0;
    }
    if (invocation.format() == Format::Json) {
        interchange::write_put_json(invocation.out.stream(), result.commit, told);
        return 0;
    }
    if (options.dry_run) {
        const auto fresh = std::ranges::count_if(told, &PutObject::is_new);
        for (std::size_t i = 0; i < num_asked; ++i) {
            invocation.out << format_id(told[i].id) << (told[i].is_new ? "  new" : "  there already") << "\n";
        }
        invocation.out << "dry run: " << std::to_string(fresh) << " of " << std::to_string(told.size())
                       << " objects would be new; nothing was written\n";
        return 0;
    }
    invocation.out << "commit " << std::to_string(result.commit) << "\n";
    for (std::size_t i = 0; i < num_asked; ++i) invocation.out << format_id(told[i].id) << "\n";
    return 0;
}

// ---- get

struct GetOptions {
    std::vector<std::string> ids;
    ObjectOptions how;
};

int get(Invocation& invocation, const GetOptions& options) {
    const auto ids = read_ids(options.ids);
    auto& federation = invocation.federation();
    print_objects(invocation, federation.get_objects(ids, options.how.read()), options.how);
    return 0;
}

// ---- referrers

struct ReferrerOptions {
    std::string id;
    std::string as_of;
};

int list_referrers(Invocation& invocation, const ReferrerOptions& options) {
    const auto id = read_id(options.id);
    std::optional<AsOf> as_of;
    if (!options.as_of.empty()) as_of = parse_as_of(options.as_of);
    const auto found = invocation.federation().referrers(id, as_of);
    const auto table = interchange::referrer_table(found);
    if (found.empty() && invocation.format() == Format::Table) {
        const auto there = invocation.federation().find_objects({&id, 1});
        print_note(there.front() ? "nothing refers to " + options.id : "no object has the id " + options.id);
        return 1;
    }
    print(invocation.out, invocation.format(),
          invocation.format() == Format::Table ? without_empty_columns(table) : table);
    return found.empty() ? 1 : 0;
}

// ---- export and import

struct ExportOptions {
    std::vector<std::string> ids;
    bool closure = false;
    std::string output;
};

int export_them(Invocation& invocation, const ExportOptions& options) {
    auto& federation = invocation.federation();
    const auto ids = read_ids(options.ids);
    const auto document = export_closure(federation, ids, options.closure);
    if (options.output.empty()) {
        invocation.out << document.text;
        return 0;
    }
    write_file(options.output, document.text);
    invocation.out << options.output << ": " << interchange::counted(document.num_objects, "object") << "\n";
    return 0;
}

struct ImportOptions {
    std::string file;
    std::string reason;
    bool register_structs = false;
    bool dry_run = false;
};

int import(Invocation& invocation, const ImportOptions& options) {
    interchange::ExportedObjects exported;
    if (options.file == "-") {
        exported = interchange::read_export(std::cin, "standard input");
    } else {
        auto in = open_input(options.file, "the file cannot be read", "lines of 'etalon object export'");
        exported = interchange::read_export(in, options.file);
    }
    CommitInfo info;
    info.reason = options.reason;
    if (options.dry_run && options.register_structs) {
        if (const auto missing = find_missing(invocation, exported.definitions); !missing.empty()) {
            invocation.out << "would record " << list_names(missing) << ", and put "
                           << interchange::counted(exported.objects.size(), "object")
                           << ", whose ids are right; nothing was written\n";
            return 0;
        }
    }
    record_definitions(invocation, exported.definitions, options.register_structs, info);
    ObjectPutOptions how;
    how.dry_run = options.dry_run;
    ObjectPutResult result;
    {
        ProgressBar bar("writing objects");
        how.progress = bar.callback();
        result = invocation.federation().put_objects(exported.objects, info, how);
    }
    if (invocation.format() == Format::Json) {
        interchange::write_put_json(invocation.out.stream(), result.commit, result.objects);
        return 0;
    }
    if (invocation.format() == Format::Csv) {
        print(invocation.out, Format::Csv, interchange::put_table(result.objects));
        return 0;
    }
    const auto fresh = static_cast<std::size_t>(std::ranges::count_if(result.objects, &PutObject::is_new));
    if (!options.dry_run) invocation.out << "commit " << std::to_string(result.commit) << "\n";
    invocation.out << interchange::counted(result.objects.size(), "object") << ", " << std::to_string(fresh)
                   << " of them " << (options.dry_run ? "would be new; nothing was written\n" : "new\n");
    return 0;
}

void add_put(CLI::App& object, Invocation& invocation, Action& action) {
    auto* command = object.add_subcommand("put", "Put objects, and those that they refer to");
    auto options = std::make_shared<PutOptions>();
    command->add_option("STRUCT", options->struct_name, "Struct of the objects")->required();
    command
        ->add_option(
            "FILE", options->file,
            "JSON (one object, a list, or one a line; an object in the place of a reference is put first), or CSV "
            "(references as ids); - is standard input")
        ->required();
    add_comment(*command, options->comment);
    add_integer(*command, "--schema", options->schema, "Schema version of the objects (default: the current one)", 1)
        ->type_name("N");
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->add_flag("--dry-run", options->dry_run, "Check, and tell the ids; write nothing");
    add_format(*command, invocation);
    command->footer(
        "Prints the commit and the ids in the order of the file. What is there already keeps its id and is not put "
        "again.\n"
        "Example:\n  echo '{\"name\":\"Bob\",\"username\":\"bob\",\"group\":{\"name\":\"AMI\",\"description\":\"\"}}' "
        "|\n"
        "    etalon -d sqlite:scope.db object put User -");
    command->callback([&action, options] { action = [options](Invocation& s) { return put(s, *options); }; });
}

void add_get(CLI::App& object, Invocation& invocation, Action& action) {
    auto* command = object.add_subcommand("get", "Objects by their ids");
    auto options = std::make_shared<GetOptions>();
    command->add_option("ID", options->ids, "Ids, 32 hexadecimal digits each")->required();
    add_object_options(*command, invocation, options->how);
    command->footer(
        "Example:\n  etalon -d sqlite:scope.db object get 5f0e31bd6a0c4f1f8e8d2b9f3f1c7a60 --follow group --format "
        "json");
    command->callback([&action, options] { action = [options](Invocation& s) { return get(s, *options); }; });
}

void add_referrers(CLI::App& object, Invocation& invocation, Action& action) {
    auto* command = object.add_subcommand("referrers", "Objects and interval records that refer to an object");
    auto options = std::make_shared<ReferrerOptions>();
    command->add_option("ID", options->id, "Id of the object")->required();
    command->add_option("--as-of", options->as_of, "As of a commit, date or snapshot")->type_name("WHEN");
    add_format(*command, invocation);
    command->footer(
        "Exit status 1 when there is none.\n"
        "Example:\n  etalon -d sqlite:scope.db object referrers 5f0e31bd6a0c4f1f8e8d2b9f3f1c7a60");
    command->callback(
        [&action, options] { action = [options](Invocation& s) { return list_referrers(s, *options); }; });
}

void add_export(CLI::App& object, Action& action) {
    auto* command = object.add_subcommand("export", "Objects as JSON lines that another database takes");
    auto options = std::make_shared<ExportOptions>();
    command->add_option("ID", options->ids, "Ids of the objects")->required();
    command->add_flag("--closure", options->closure, "With everything that they refer to, directly or not");
    command->add_option("-o,--output", options->output, "File to write (default: standard output)")->type_name("FILE");
    command->footer(
        "Example:\n  etalon -d sqlite:scope.db object export 5f0e31bd6a0c4f1f8e8d2b9f3f1c7a60 --closure -o bob.jsonl");
    command->callback([&action, options] { action = [options](Invocation& s) { return export_them(s, *options); }; });
}

void add_import(CLI::App& object, Invocation& invocation, Action& action) {
    auto* command = object.add_subcommand("import", "Put the objects of an export");
    auto options = std::make_shared<ImportOptions>();
    command->add_option("FILE", options->file, "Lines of 'object export'; - is standard input")->required();
    command->add_flag("--register", options->register_structs,
                      "Record the definitions of the file that are not recorded here yet");
    command->add_option("--reason", options->reason, "Why, for the log")->type_name("TEXT");
    command->add_flag("--dry-run", options->dry_run, "Check everything; write nothing");
    add_format(*command, invocation);
    command->footer(
        "Every id is computed again from the content. What is there already is left as it is.\n"
        "Example:\n  etalon -d sqlite:other.db object import bob.jsonl --register");
    command->callback([&action, options] { action = [options](Invocation& s) { return import(s, *options); }; });
}

}  // namespace

void add_object_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* object = app.add_subcommand("object", "Objects: rows that refer to one another");
    object->require_subcommand(1);
    add_put(*object, invocation, action);
    add_get(*object, invocation, action);
    add_object_query(*object, invocation, action);
    add_referrers(*object, invocation, action);
    add_export(*object, action);
    add_import(*object, invocation, action);
}

}  // namespace etalon::cli
