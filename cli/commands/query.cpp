/// etalon object query: objects by conditions and by example. etalon query: questions that are kept.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>

#include "cli/input/objects.h"
#include "cli/input/record_options.h"
#include "cli/invocation.h"
#include "interchange/objects.h"

namespace etalon::cli {
namespace {

/// Which objects are wanted, as the line says it.
struct Wanted {
    std::string struct_name;
    std::vector<std::string> where;
    std::string example;
    bool newest = false;
    bool oldest = false;
    std::string order;
    std::int64_t limit = 0;
};

void add_wanted(CLI::App& command, Wanted& wanted) {
    command
        .add_option(
            "--where", wanted.where,
            "Condition, also across references: 'session.user.name = \"Bob\" and x > 1'; repeatable, all must hold")
        ->allow_extra_args(false)
        ->check(not_empty())
        ->type_name("COND");
    command
        .add_option(
            "--example", wanted.example,
            "JSON of an object in which what is left out does not matter, null asks for a null reference, and an "
            "object asks through one; - is standard input")
        ->type_name("FILE");
    auto* newest = command.add_flag("--newest", wanted.newest, "The last that was put first (default)");
    auto* oldest = command.add_flag("--oldest", wanted.oldest, "The first that was put first")->excludes(newest);
    command.add_option("--order", wanted.order, "By a value, also across references, and then by commit")
        ->excludes(newest)
        ->excludes(oldest)
        ->check(not_empty())
        ->type_name("PATH[:desc]");
    add_integer(command, "--limit", wanted.limit, "At most so many", 1)->type_name("N");
}

Condition condition_of(Invocation& invocation, Database& database, const Wanted& wanted) {
    auto where = read_where(wanted.where);
    if (wanted.example.empty()) return where;
    const auto text = read_file(wanted.example, "an object as JSON");
    return all_of({std::move(where), interchange::condition_of_example(
                                         text, wanted.example == "-" ? "standard input" : wanted.example,
                                         wanted.struct_name, object_source(invocation, database).definition)});
}

ObjectOrder order_of(const Wanted& wanted) {
    if (wanted.oldest) return {"", false};
    if (wanted.order.empty()) return {};
    return parse_object_order(wanted.order);
}

struct QueryOptions {
    Wanted wanted;
    std::string entered_from;
    std::string entered_to;
    ObjectOptions how;
};

/// Prints what was found; 1 when that is nothing.
int print_found(Invocation& invocation, const std::vector<StoredObject>& found, const ObjectOptions& how,
                const std::string& what) {
    if (found.empty() && invocation.format() == Format::Table) {
        print_note("no " + what);
        return 1;
    }
    print_objects(invocation, found, how);
    return found.empty() ? 1 : 0;
}

int query(Invocation& invocation, const QueryOptions& options) {
    auto& database = invocation.database_of_struct(options.wanted.struct_name);
    ObjectQuery query;
    query.struct_name = options.wanted.struct_name;
    query.where = condition_of(invocation, database, options.wanted);
    query.order = order_of(options.wanted);
    query.limit = static_cast<std::uint64_t>(options.wanted.limit);
    if (!options.entered_from.empty()) query.entered_from = parse_time(options.entered_from);
    if (!options.entered_to.empty()) query.entered_to = parse_time(options.entered_to);
    query.read = options.how.read();
    // Of one database that is named, its own objects; references may lead to others.
    const auto found =
        invocation.names().size() == 1 ? database.query_objects(query) : invocation.federation().query_objects(query);
    return print_found(invocation, found, options.how,
                       query.struct_name + (query.where == Condition{} ? " is recorded" : " matches"));
}

// ---- named queries

struct DefineOptions {
    std::string name;
    Wanted wanted;
    std::string comment;
    std::string reason;
};

int define(Invocation& invocation, const DefineOptions& options) {
    auto& database = invocation.database_of_struct(options.wanted.struct_name);
    NamedQuery query;
    query.name = options.name;
    query.struct_name = options.wanted.struct_name;
    const auto condition = condition_of(invocation, database, options.wanted);
    if (condition != Condition{}) query.where = format_condition(condition);
    query.order = order_of(options.wanted);
    query.limit = static_cast<std::uint64_t>(options.wanted.limit);
    query.comment = options.comment;
    CommitInfo info;
    info.reason = options.reason;
    const auto commit = database.define_query(query, info);
    invocation.out << (commit == 0 ? std::string("nothing to change") : "commit " + std::to_string(commit)) << "\n";
    return 0;
}

Database& database_of_query(Invocation& invocation, const std::string& name) {
    return invocation.database_knowing("query", name, [&](Database& one) {
        const auto known = one.queries();
        return std::ranges::find(known, name, &NamedQuery::name) != known.end();
    });
}

int list(Invocation& invocation, const std::string& as_of) {
    Table table;
    const auto databases = invocation.names();
    for (const auto& name : databases) {
        const auto queries = invocation.federation().get(name).queries(
            as_of.empty() ? std::optional<AsOf>() : std::optional(parse_as_of(as_of)));
        append(table, interchange::query_table(queries), databases.size() > 1 ? &name : nullptr);
    }
    print(invocation.out, invocation.format(), table);
    return 0;
}

int show(Invocation& invocation, const std::string& name) {
    const auto query = database_of_query(invocation, name).get_query(name);
    if (invocation.format() != Format::Table) {
        print(invocation.out, invocation.format(), interchange::query_table({&query, 1}));
        return 0;
    }
    auto& out = invocation.out;
    out << query.name << ": " << query.struct_name << (query.where.empty() ? " (all)" : " where " + query.where)
        << "\n";
    const auto order = format_object_order(query.order);
    out << "order "
        << (order.empty()     ? "newest first"
            : order == ":asc" ? "oldest first"
                              : order)
        << (query.limit == 0 ? std::string() : ", at most " + std::to_string(query.limit)) << "\n";
    if (!query.parameters.empty()) out << "parameters " << fmt::format("{}", fmt::join(query.parameters, ", ")) << "\n";
    if (!query.comment.empty()) out << query.comment << "\n";
    out << "defined by commit " << std::to_string(query.commit) << ", " << format_time(query.entry_time) << "\n";
    return 0;
}

struct RunOptions {
    std::string name;
    std::vector<std::string> parameters;
    ObjectOptions how;
};

int run(Invocation& invocation, const RunOptions& options) {
    std::map<std::string, ValueFilter::Value> parameters;
    for (const auto& text : options.parameters) {
        const auto equals = text.find('=');
        if (equals == 0 || equals == std::string::npos) {
            throw Error(ErrorCode::Usage,
                        {"no value of a parameter", "query run " + options.name, "name=value", "'" + text + "'", ""});
        }
        const auto name = text.substr(0, equals);
        if (!parameters.emplace(name, interchange::value_as_written(text.substr(equals + 1))).second) {
            throw Error(ErrorCode::Usage,
                        {"a parameter is given twice", "query run " + options.name, "each once", name, ""});
        }
    }
    auto& database = database_of_query(invocation, options.name);
    return print_found(invocation, database.run_query(options.name, parameters, options.how.read()), options.how,
                       "object matches " + options.name);
}

int retire(Invocation& invocation, const std::string& name, const std::string& reason) {
    CommitInfo info;
    info.reason = reason;
    const auto commit = database_of_query(invocation, name).retire_query(name, info);
    invocation.out << "commit " << std::to_string(commit) << "\n";
    return 0;
}

}  // namespace

void add_object_query(CLI::App& object, Invocation& invocation, Action& action) {
    auto* command = object.add_subcommand("query", "Objects of a struct by conditions or by example");
    auto options = std::make_shared<QueryOptions>();
    command->add_option("STRUCT", options->wanted.struct_name, "Struct of the objects")->required();
    add_wanted(*command, options->wanted);
    command->add_option("--entered-from", options->entered_from, "Put at or after that time")->type_name("T");
    command->add_option("--entered-to", options->entered_to, "Put before that time")->type_name("T");
    add_object_options(*command, invocation, options->how);
    command->footer(
        "Exit status 1 when there is none.\n"
        "Example:\n  etalon -d sqlite:scope.db object query Image --where 'session.name = \"apoferritin\"' --limit 10 "
        "--follow by");
    command->callback([&action, options] { action = [options](Invocation& s) { return query(s, *options); }; });
}

void add_query_commands(CLI::App& app, Invocation& invocation, Action& action) {
    auto* query = app.add_subcommand("query", "Questions for objects that are kept under a name");
    query->require_subcommand(1);

    auto* define_command = query->add_subcommand("define", "Keep a question, or change it from now on");
    auto defined = std::make_shared<DefineOptions>();
    define_command->add_option("NAME", defined->name, "Name of the query")->required();
    define_command->add_option("STRUCT", defined->wanted.struct_name, "Struct of the objects")->required();
    add_wanted(*define_command, defined->wanted);
    define_command->add_option("--comment", defined->comment, "What it is for")->type_name("TEXT");
    define_command->add_option("--reason", defined->reason, "Why, for the log")->type_name("TEXT");
    define_command->footer(
        ":name in the place of a value is a parameter.\n"
        "Example:\n  etalon -d sqlite:scope.db query define imagesBy Image --where 'by.username = :who'");
    define_command->callback([&action, defined] { action = [defined](Invocation& s) { return define(s, *defined); }; });

    auto* list_command = query->add_subcommand("list", "Queries that are kept");
    auto as_of = std::make_shared<std::string>();
    list_command->add_option("--as-of", *as_of, "As of a commit, date or snapshot")->type_name("WHEN");
    add_format(*list_command, invocation);
    list_command->callback([&action, as_of] { action = [as_of](Invocation& s) { return list(s, *as_of); }; });

    auto* show_command = query->add_subcommand("show", "One query");
    auto shown = std::make_shared<std::string>();
    show_command->add_option("NAME", *shown, "Name of the query")->required();
    add_format(*show_command, invocation);
    show_command->callback([&action, shown] { action = [shown](Invocation& s) { return show(s, *shown); }; });

    auto* run_command = query->add_subcommand("run", "Ask a query");
    auto ran = std::make_shared<RunOptions>();
    run_command->add_option("NAME", ran->name, "Name of the query")->required();
    run_command->add_option("PARAMETER", ran->parameters, "name=value, read as what it is compared with");
    add_object_options(*run_command, invocation, ran->how);
    run_command->footer(
        "Exit status 1 when nothing matches.\nExample:\n  etalon -d sqlite:scope.db query run imagesBy who=bob");
    run_command->callback([&action, ran] { action = [ran](Invocation& s) { return run(s, *ran); }; });

    auto* retire_command = query->add_subcommand("retire", "Take a query away; earlier snapshots still have it");
    auto retired = std::make_shared<std::pair<std::string, std::string>>();
    retire_command->add_option("NAME", retired->first, "Name of the query")->required();
    retire_command->add_option("--reason", retired->second, "Why, for the log")->type_name("TEXT");
    retire_command->callback([&action, retired] {
        action = [retired](Invocation& s) { return retire(s, retired->first, retired->second); };
    });
}

}  // namespace etalon::cli
