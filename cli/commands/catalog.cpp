/// etalon init, structs, names, schema and name: what a database records about structs and references.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/invocation.h"
#include "cli/render/diff.h"
#include "cli/render/progress.h"
#include "evolution/rules.h"
#include "interchange/definitions.h"
#include "reflect/unit_reading.h"
#include "schema/definition.h"

namespace etalon::cli {
namespace {

struct InitOptions {
    bool upgrade = false;
    std::string name;
};

int init(Invocation& invocation, const InitOptions& how) {
    OpenOptions options;
    options.create = true;
    options.upgrade = how.upgrade;
    options.name = how.name;
    ProgressBar bar("upgrading");
    options.upgrade_progress = bar.callback();
    std::vector<std::string> damaged;
    options.upgrade_finding = [&](const std::string& finding) { damaged.push_back(finding); };
    const auto names = invocation.names(options);
    // What was only renamed is no damage.
    bool any = false;
    for (const auto& finding : damaged) {
        const bool renamed = finding.starts_with("(renamed) ");
        any = any || !renamed;
        print_note(renamed ? finding.substr(10) : "damaged: " + finding);
    }
    for (const auto& name : names) {
        invocation.out << name << " is ready at " << invocation.federation().get(name).place() << "\n";
    }
    if (any) print_note("what is damaged is an error whenever it is read; 'etalon verify --deep' lists it again");
    return any ? 1 : 0;
}

int structs(Invocation& invocation) {
    const auto databases = invocation.names();
    Table table;
    for (const auto& name : databases) {
        auto& database = invocation.federation().get(name);
        append(table, interchange::struct_table(database.structs(), database.names()),
               databases.size() > 1 ? &name : nullptr);
    }
    // Former names are for those that have some.
    const bool is_for_people = invocation.format() == Format::Table;
    print(invocation.out, invocation.format(), is_for_people ? without_empty_columns(table) : table);
    return 0;
}

int names(Invocation& invocation) {
    const auto databases = invocation.names();
    Table table;
    for (const auto& name : databases) {
        append(table, interchange::name_table(invocation.federation().get(name).names()),
               databases.size() > 1 ? &name : nullptr);
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

// --- schema ----------------------------------------------------------------------------------------------------------

struct ShowSchema {
    std::string struct_name;
    std::int64_t schema = 0;
    std::vector<std::int64_t> diff;
    bool plan = false;
    std::string as;
};

int show_schema(Invocation& invocation, const ShowSchema& options) {
    auto& database = invocation.database_of_struct(options.struct_name);
    if (options.plan && options.diff.empty())
        throw Error(ErrorCode::Usage, {"--plan needs --diff A B", "", "", "", ""});
    if (options.plan) return show_plan(invocation, database, options.struct_name, options.diff[0], options.diff[1]);
    if (!options.diff.empty())
        return show_diff(invocation, database, options.struct_name, options.diff[0], options.diff[1]);
    const auto definition = database.get_definition(options.struct_name, options.schema);
    if (options.as == "rules") {
        const auto files = database.get_rules(options.struct_name);
        if (files.empty()) invocation.out << "# no rules are recorded for " << options.struct_name << "\n";
        for (std::size_t i = 0; i < files.size(); ++i) {
            // Each file names the struct; one is enough.
            invocation.out << (i == 0 ? files[i].text : files[i].text.substr(files[i].text.find('\n') + 1));
        }
        return 0;
    }
    if (options.as == "c") {
        invocation.out << schema::to_c_header(*definition, [](auto comment, auto name, const auto& others) {
            return reflect::read_unit(comment, name, others).unit;
        });
        return 0;
    }
    std::int64_t schema = options.schema;
    std::int64_t schemas = 0;
    std::string other_names;
    if (const auto info = find_struct(database, options.struct_name)) {
        if (schema == 0) schema = info->current_schema;
        schemas = info->schemas;
        if (info->name != definition->name) {
            other_names = fmt::format(" (now {})", info->name);
        } else if (!info->former_names.empty()) {
            other_names = fmt::format(" (formerly {})", fmt::join(info->former_names, ", "));
        }
    }
    const auto table = interchange::element_table(*definition);
    if (options.as == "json" || (options.as.empty() && invocation.format() == Format::Json)) {
        invocation.out << interchange::to_json(*definition, schema) << "\n";
    } else if (options.as.empty() && invocation.format() == Format::Csv) {
        print(invocation.out, Format::Csv, table);
    } else {
        invocation.out << "struct " << definition->name << other_names << ", schema " << std::to_string(schema)
                       << " of " << std::to_string(schemas) << ": " << std::to_string(definition->size)
                       << " bytes, alignment " << std::to_string(definition->alignment) << ", layout "
                       << evolution::layout_name(*definition).substr(0, 12) << "\n";
        print(invocation.out, Format::Table, without_empty_columns(table));
    }
    return 0;
}

// --- name ------------------------------------------------------------------------------------------------------------

struct NameOptions {
    std::string name;
    std::string struct_name;
    std::string policy;
    std::string storage;
    std::string axis;
    std::string coverage;
};

int define_name(Invocation& invocation, const NameOptions& options) {
    auto& database = invocation.names().size() == 1
                         ? invocation.only_database()
                         : invocation.database_knowing(
                               options.struct_name.empty() ? "reference" : "struct",
                               options.struct_name.empty() ? options.name : options.struct_name, [&](Database& one) {
                                   return one.find_name(options.name) || has_struct(one, options.struct_name);
                               });
    NameSpec spec;
    spec.name = options.name;
    spec.struct_name = options.struct_name;
    const auto known = database.find_name(options.name);
    if (options.struct_name.empty()) {
        if (!known) {
            throw Error(ErrorCode::Usage,
                        {"a new named reference needs a struct", options.name, "name REF STRUCT", "", ""});
        }
        spec.struct_name = known->struct_name;
    }
    if (!options.policy.empty())
        spec.policy = options.policy == "by_begin" ? OrderPolicy::ByBegin : OrderPolicy::ByCreation;
    if (!options.storage.empty()) spec.storage = options.storage == "columns" ? Storage::Columns : Storage::Bytes;
    if (!options.axis.empty()) spec.axis = options.axis == "time" ? Axis::Time : Axis::Run;
    if (!options.coverage.empty()) spec.coverage = parse_coverage(options.coverage);
    const auto commit = database.define_name(spec);
    if (commit == 0) {
        invocation.out << "nothing to change\n";
    } else {
        invocation.out << "commit " << std::to_string(commit) << "\n";
    }
    return 0;
}

}  // namespace

void add_catalog_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* init_command = app.add_subcommand("init", "Create the tables of the databases given; does no harm twice");
    auto how = std::make_shared<InitOptions>();
    init_command->add_flag("--upgrade", how->upgrade, "Bring a database of an older format to this one");
    init_command
        ->add_option("--name", how->name,
                     "The database is called so: a new one (default: #Name, or the file's name), or one that is there: "
                     "it is renamed, with its PostgreSQL schema")
        ->type_name("NAME")
        ->check(not_empty());
    init_command->footer(
        "Examples:\n  etalon -d sqlite:calib.db init\n  etalon -d sqlite:mine.db#calib init     a layer to put over "
        "database calib");
    init_command->callback([&action, how] { action = [how](Invocation& s) { return init(s, *how); }; });

    auto* structs_command = app.add_subcommand("structs", "Structs that are recorded");
    add_format(*structs_command, invocation);
    structs_command->footer("Example:\n  etalon -d sqlite:calib.db structs");
    structs_command->callback([&action] { action = structs; });

    auto* names_command = app.add_subcommand("names", "Named references that are recorded");
    add_format(*names_command, invocation);
    names_command->footer("Example:\n  etalon -d sqlite:calib.db names --format json");
    names_command->callback([&action] { action = names; });

    auto* schema_command = app.add_subcommand("schema", "Layout of a struct in one of its schema versions");
    auto show = std::make_shared<ShowSchema>();
    schema_command->add_option("STRUCT", show->struct_name, "Struct")->required();
    auto* version =
        add_integer(*schema_command, "--schema", show->schema, "Schema version (default: the current one)", 1)
            ->type_name("N");
    auto* as = schema_command
                   ->add_option("--as", show->as,
                                "table, json, c: a header that compiles to that layout, or rules: those recorded")
                   ->type_name("table|json|c|rules")
                   ->check(one_of({"table", "json", "c", "rules"}));
    schema_command->add_flag("--plan", show->plan, "With --diff: the steps that read the first as the second");
    schema_command
        ->add_option_function<std::vector<std::string>>(
            "--diff",
            [show](const std::vector<std::string>& texts) {
                show->diff.clear();
                for (const auto& text : texts) show->diff.push_back(read_integer("--diff", text, 1));
            },
            "Two schema versions side by side")
        ->type_name("A B")
        ->expected(2)
        ->excludes(version)
        ->excludes(as);
    add_format(*schema_command, invocation);
    schema_command->footer(
        "Examples:\n  etalon -d sqlite:calib.db schema tpcElectronics --schema 1 --as c\n"
        "  etalon -d sqlite:calib.db schema tpcElectronics --diff 1 2");
    schema_command->callback([&action, show] { action = [show](Invocation& s) { return show_schema(s, *show); }; });

    auto* name_command = app.add_subcommand("name", "Make a named reference, or change its policy from now on");
    auto options = std::make_shared<NameOptions>();
    name_command->add_option("REF", options->name, "Named reference")->required();
    name_command->add_option("STRUCT", options->struct_name, "Its struct; may be left out for a reference that exists");
    name_command->add_option("--policy", options->policy, "Which of several valid records wins (new: by_begin)")
        ->type_name("by_begin|by_creation")
        ->check(one_of({"by_begin", "by_creation"}));
    name_command->add_option("--storage", options->storage, "How values are stored from now on")
        ->type_name("columns|bytes")
        ->check(one_of({"columns", "bytes"}));
    name_command->add_option("--axis", options->axis, "What intervals are made of (new: time)")
        ->type_name("time|run")
        ->check(one_of({"time", "run"}));
    name_command
        ->add_option(
            "--coverage", options->coverage,
            "Elements that are promised: sparse (new), or complete(0-23); an answer that lacks one is Incomplete")
        ->type_name("sparse|complete(LIST)")
        ->check(not_empty());
    name_command->footer("Example:\n  etalon -d sqlite:calib.db name SvtOnGlobal Survey --storage columns");
    name_command->callback(
        [&action, options] { action = [options](Invocation& s) { return define_name(s, *options); }; });
}

}  // namespace etalon::cli
