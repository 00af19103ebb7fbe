// The readable view of a named reference.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <tuple>
#include <unordered_map>

#include "conversion/plan.h"
#include "etalon/error.h"
#include "evolution/matching.h"
#include "evolution/rule_trace.h"
#include "evolution/value_ranges.h"
#include "store/answer_view.h"
#include "store/catalog.h"
#include "store/relation_names.h"
#include "store/view_values.h"

namespace etalon::store {

using backends::Engine;
using backends::Sql;

namespace {

/// Nanoseconds as ISO 8601 text, exact; infinities as `-inf` and `inf`; NULL stays NULL. SQLite reads every view each
/// time a file is opened: few words.
std::string iso_time(Engine engine, std::string_view column) {
    if (engine == Engine::Sqlite) {
        return fmt::format(
            "CASE {0} WHEN (-9223372036854775807 - 1) THEN '-inf' WHEN 9223372036854775807 THEN 'inf' ELSE "
            "strftime('%Y-%m-%dT%H:%M:%S', {0} / 1000000000 - ({0} % 1000000000 < 0), 'unixepoch') || "
            "rtrim(rtrim(printf('.%09d', ({0} % 1000000000 + 1000000000) % 1000000000), '0'), '.') || 'Z' END",
            column);
    }
    const auto fraction = fmt::format("((({0} % 1000000000) + 1000000000) % 1000000000)", column);
    const auto seconds = fmt::format("({0} / 1000000000 - CASE WHEN {0} % 1000000000 < 0 THEN 1 ELSE 0 END)", column);
    const auto date = fmt::format("to_char(to_timestamp({}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS')", seconds);
    const auto digits = fmt::format("rtrim('.' || lpad(({})::text, 9, '0'), '0')", fraction);
    return fmt::format(
        "CASE WHEN {0} IS NULL THEN NULL WHEN {0} = '-9223372036854775808'::bigint THEN '-inf' "
        "WHEN {0} = 9223372036854775807 THEN 'inf' ELSE {1} || CASE WHEN {2} = 0 THEN '' ELSE {3} END || 'Z' END",
        column, date, fraction, digits);
}

/// The new value of every old one, found out by converting them.
std::vector<std::pair<std::int64_t, std::int64_t>> convert_names(const Element& stored,
                                                                 const conversion::ConversionPlan& plan,
                                                                 const Element& asked) {
    std::vector<std::pair<std::int64_t, std::int64_t>> names;
    Bytes from(stored.bytes());
    Bytes to(asked.bytes());
    for (const auto& [name, value] : stored.enumerators) {
        std::memcpy(from.data(), &value, size_of(stored.type));
        try {
            (void)plan.run(from.data(), to.data(), 1);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Conversion) throw;
            continue;  // no such name any more
        }
        std::int64_t result = 0;
        std::memcpy(&result, to.data(), size_of(asked.type));
        if (is_signed_integer(asked.type)) {
            const auto bits = 64 - 8 * size_of(asked.type);
            result = static_cast<std::int64_t>(static_cast<std::uint64_t>(result) << bits) >> bits;
        }
        const bool listed = std::any_of(names.begin(), names.end(), [&](const auto& n) { return n.first == value; });
        if (!listed) names.emplace_back(value, result);
    }
    return names;
}

/// Where an element of the newest version, or one value of it, comes from in one version.
struct ViewOrigin {
    std::uint32_t stored = evolution::kNoElement;
    std::string unit;              ///< that `scale` takes
    schema::UnitConversion scale;  ///< by rules
    std::uint64_t value = 0;       ///< of single values: which one of the stored element, row-major
};

/// Rules take the values one by one, or all of the element comes from one place.
struct ViewOrigins {
    ViewOrigin whole;
    std::vector<ViewOrigin> values;
};

/// Of more values, no expression is made: every one is some hundred bytes of SQL.
constexpr std::size_t kMostValues = 256;

/// The columns that give one element of the newest schema version its values, and the schema versions whose rows they
/// do it for.
struct ViewColumn {
    std::string column;
    ViewOrigin origin;
    ViewSource source;
    std::vector<std::int64_t> schemas;
};

/// By the law alone, or along the rules.
std::vector<ViewOrigins> find_origins(const StructDefinition& stored, const StructDefinition& asked,
                                      const evolution::StructRules* rules, const schema::UnitSystem& units) {
    std::vector<ViewOrigins> found(asked.elements.size());
    const auto way = rules != nullptr ? rules->way(stored, asked) : std::vector<evolution::RuleStep>();
    if (way.empty()) {
        const auto matching = evolution::match_elements(stored, asked);
        for (std::size_t i = 0; i < found.size(); ++i) {
            found[i].whole = {matching.stored_of[i], asked.elements[i].unit, {}, 0};
        }
        return found;
    }
    const auto of = [](const evolution::Origin& origin, std::uint64_t value) {
        if (!origin.problem.empty() || origin.stored == evolution::Origin::kNone) return ViewOrigin{};
        return ViewOrigin{origin.stored, origin.unit, origin.scale, value};
    };
    const auto origins = evolution::trace(stored, asked, way, &units);
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& origin = origins.elements[i];
        if (!origin.by_value) {
            found[i].whole = of(origin.whole, 0);
        } else if (evolution::number_of_values(asked.elements[i]) <= kMostValues) {
            for (const auto& run : origin.runs) {
                for (std::uint64_t v = 0; v < run.count; ++v) {
                    found[i].values.push_back(of(origin.origins[run.origin], run.index + v));
                }
            }
        }
    }
    return found;
}

/// How a stored element becomes the asked one; nothing when the law refuses it or a rule would have to say.
std::optional<ViewSource> make_source(const Element& stored, Element asked, const ViewOrigin& origin,
                                      const schema::UnitSystem& units) {
    asked.unit = origin.unit;
    // One value of each, by themselves: the plan is the law.
    const auto alone = [](Element element) {
        StructDefinition definition{"view", 0, 1, "", {}, ""};
        element.path = "value";
        element.renamed_from.clear();
        element.default_value.reset();
        element.offset = 0;
        if (!element.is_text()) {
            for (auto& dim : element.dims) dim = 1;
        }
        definition.size = element.bytes();
        definition.elements.push_back(std::move(element));
        return definition;
    };
    const auto from = alone(stored);
    const auto to = alone(asked);
    std::shared_ptr<const conversion::ConversionPlan> plan;
    try {
        plan = conversion::ConversionPlan::make(from, to, {.units = &units});
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Conversion) return std::nullopt;
        throw;
    }
    ViewSource source;
    source.stored = stored;
    source.asked = asked;
    const auto changes = evolution::changes_of(stored, asked);
    if (changes.unit) {
        source.unit = units.conversion(stored.unit, asked.unit);
    }
    if (!origin.scale.is_identity()) {
        source.unit = evolution::combined(origin.scale, source.unit.value_or(schema::UnitConversion{}));
    }
    if (source.unit && source.unit->is_identity()) source.unit.reset();
    source.by_name = !source.unit && changes.enumerators && !stored.enumerators.empty() && !asked.enumerators.empty();
    if (source.by_name) source.names = convert_names(from.elements[0], *plan, to.elements[0]);
    return source;
}

/// Row tables as all schema versions use them.
class Columns {
public:
    Columns(const std::vector<SchemaPtr>& schemas, const StructDefinition& current, const evolution::StructRules* rules,
            const schema::UnitSystem& units) {
        for (const auto& schema : schemas) {
            if (schema->columns.empty()) continue;
            schemas_.push_back(schema);
            origins_.push_back(find_origins(*schema->definition, current, rules, units));
            for (const auto& column : schema->columns) ++uses_[column];
        }
    }

    /// What the rows give an element of the newest version.
    [[nodiscard]] std::vector<ViewColumn> of(std::size_t index, const Element& asked,
                                             const schema::UnitSystem& units) const {
        std::vector<ViewColumn> found;
        std::vector<std::tuple<std::string, const ViewOrigin*, const Element*>> refused;
        for (std::size_t s = 0; s < schemas_.size(); ++s) {
            const auto& origin = origins_[s][index].whole;
            const auto from = origin.stored;
            if (from == evolution::kNoElement) continue;
            const auto& stored = schemas_[s]->definition->elements[from];
            const auto& column = schemas_[s]->columns[from];
            const auto alike = [&](const std::string& other, const ViewOrigin& other_origin, const Element& element) {
                return other == column && other_origin.unit == origin.unit && other_origin.scale == origin.scale &&
                       element.enumerators == stored.enumerators &&
                       evolution::array_rank(element) == evolution::array_rank(stored) && element.type == stored.type &&
                       element.unit == stored.unit;
            };
            auto known = std::find_if(found.begin(), found.end(),
                                      [&](const auto& v) { return alike(v.column, v.origin, v.source.stored); });
            if (known == found.end()) {
                if (std::any_of(refused.begin(), refused.end(),
                                [&](const auto& r) { return alike(std::get<0>(r), *std::get<1>(r), *std::get<2>(r)); }))
                    continue;
                auto source = make_source(stored, asked, origin, units);
                if (!source) {
                    refused.emplace_back(column, &origin, &stored);
                    continue;
                }
                source->column = "r." + backends::quote_identifier(column);
                known = found.insert(found.end(), ViewColumn{column, origin, std::move(*source), {}});
            }
            for (std::size_t d = 0; d < evolution::array_rank(stored); ++d) {
                known->source.truncates |= stored.dims[d] > asked.dims[d];
            }
            known->source.cuts |= stored.is_text() && stored.dims.back() > asked.dims.back();
            known->schemas.push_back(schemas_[s]->schema_id);
        }
        return found;
    }

    /// What rules put together of single values: expressions, and the schema versions whose rows they are for.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::int64_t>>> moved(
        Engine engine, std::size_t index, const Element& asked, const schema::UnitSystem& units) const {
        std::vector<std::pair<std::string, std::vector<std::int64_t>>> found;
        for (std::size_t s = 0; s < schemas_.size(); ++s) {
            std::vector<std::optional<ViewSource>> items;
            for (const auto& origin : origins_[s][index].values) {
                items.push_back(make_item(*schemas_[s], origin, evolution::value_of(asked, items.size()), units));
            }
            if (std::none_of(items.begin(), items.end(), [](const auto& item) { return item.has_value(); })) continue;
            auto text = evolution::array_rank(asked) == 0 ? view_value(engine, *items.front())
                                                          : view_array(engine, asked, items);
            const auto known =
                std::find_if(found.begin(), found.end(), [&](const auto& one) { return one.first == text; });
            auto& schemas =
                (known != found.end() ? *known : found.emplace_back(std::move(text), std::vector<std::int64_t>()));
            schemas.second.push_back(schemas_[s]->schema_id);
        }
        return found;
    }

    /// True when rows of other schema versions have nothing in that column.
    [[nodiscard]] bool is_alone(const ViewColumn& column) const {
        return uses_.at(column.column) == column.schemas.size();
    }

private:
    /// One stored value as one asked value.
    static std::optional<ViewSource> make_item(const SchemaRecord& schema, const ViewOrigin& origin,
                                               const Element& asked, const schema::UnitSystem& units) {
        if (origin.stored == evolution::kNoElement) return std::nullopt;
        const auto& element = schema.definition->elements[origin.stored];
        const auto stored = evolution::value_of(element, origin.value);
        auto source = make_source(stored, asked, origin, units);
        if (!source) return std::nullopt;
        source->column = "r." + backends::quote_identifier(schema.columns[origin.stored]);
        source->cuts = stored.is_text() && stored.dims.back() > asked.dims.back();
        source->item = evolution::index_of(element, origin.value);
        return source;
    }

    std::vector<SchemaPtr> schemas_;
    std::vector<std::vector<ViewOrigins>> origins_;
    std::unordered_map<std::string, std::size_t> uses_;
};

/// One expression over all of them: a row has a value in the column of its own schema version only. Where a column
/// means something else to other versions, the version of the record decides.
std::string any_of(Engine engine, const Columns& columns, std::size_t index, const Element& asked,
                   const schema::UnitSystem& units, ViewColumns::Later later) {
    const auto found = columns.of(index, asked, units);
    const auto moved = columns.moved(engine, index, asked, units);
    // SQLite has functions of at most 127 arguments.
    constexpr std::size_t kMostArguments = 100;
    const bool alone = later == ViewColumns::Later::Renewed && moved.empty() && found.size() <= kMostArguments &&
                       std::all_of(found.begin(), found.end(), [&](const auto& v) { return columns.is_alone(v); });
    std::string list;
    for (const auto& one : found) {
        const auto value = view_value(engine, one.source);
        if (alone) {
            list += (list.empty() ? "" : ", ") + value;
        } else {
            list += fmt::format(" WHEN d.\"schemaID\" IN ({}) THEN {}", fmt::join(one.schemas, ", "), value);
        }
    }
    for (const auto& [value, schemas] : moved) {
        list += fmt::format(" WHEN d.\"schemaID\" IN ({}) THEN {}", fmt::join(schemas, ", "), value);
    }
    if (list.empty()) return "NULL";
    if (!alone) return fmt::format("CASE{} END", list);
    return found.size() == 1 ? list : fmt::format("coalesce({})", list);
}

}  // namespace

ViewColumns ViewColumns::make(Engine engine, const StructRecord& record, const std::vector<SchemaPtr>& schemas,
                              const schema::UnitSystem& units, const evolution::StructRules* rules, Later later) {
    SchemaPtr current;
    for (const auto& schema : schemas) {
        if (schema->schema_id == record.last_schema) current = schema;
    }
    if (!current || current->columns.empty()) {
        throw Error(ErrorCode::Internal, {"no columns to make a view of", record.name, "", "", ""});
    }
    ViewColumns made{record.table_name, {}};
    const Columns columns(schemas, *current->definition, rules, units);
    for (std::size_t i = 0; i < current->columns.size(); ++i) {
        const auto& element = current->definition->elements[i];
        made.columns.emplace_back(element.path, any_of(engine, columns, i, element, units, later));
    }
    return made;
}

namespace {

/// `gains_records` of `gains_view`.
std::string records_name(std::string_view view) {
    constexpr std::string_view kView = "_view";
    if (view.ends_with(kView)) view.remove_suffix(kView.size());
    return RelationNames::with_suffix(view, "_records");
}

/// True when there is a relation of that name, in SQLite ignoring case.
bool is_taken(backends::Transaction& tx, const std::string& name) {
    static const Sql kSqlite(R"(SELECT 1 FROM "sqlite_master" WHERE lower("name") = lower(?1))");
    return tx.engine() == Engine::Sqlite ? tx.query(kSqlite, {name})->next() : relation_exists(tx, name);
}

}  // namespace

std::string find_records_view(backends::Transaction& tx, const std::string& view) {
    static const Sql kSqlite(R"(SELECT "sql" FROM "sqlite_master" WHERE "name" = ?1 AND "type" = 'view')");
    static const Sql kPostgres(
        R"(SELECT pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = ?1 AND c.relkind = 'v')");
    const auto& statement = tx.engine() == Engine::Sqlite ? kSqlite : kPostgres;
    const auto records = records_name(view);
    const auto of_view = tx.query(statement, {view});
    if (!of_view->next() || of_view->text(0).find(records) == std::string_view::npos) return {};
    return records;
}

std::string create_views(backends::Transaction& tx, RelationNames& relations, std::string_view reference,
                         std::int64_t name_id, Axis axis, std::string_view existing_view, const ViewColumns& columns) {
    UniqueNames names;
    std::string elements;
    std::string shown;
    for (const auto& [path, expression] : columns.columns) {
        const auto name = backends::quote_identifier(names.make(path));
        elements += fmt::format(", {} AS {}", expression, name);
        shown += fmt::format(", r.{}", name);
    }
    // Elements keep their names; what describes the record gives way.
    const auto own = [&](const char* name) { return backends::quote_identifier(names.make(name)); };
    const auto time = [&](const char* column) { return axis == Axis::Run ? column : iso_time(tx.engine(), column); };
    const auto begin = own("beginTime");
    const auto end = own("endTime");
    const auto element = own("elementID");
    const auto version = own("version");
    const auto commit = own("commitSeq");
    const auto row = own("rowNumber");
    const auto record = own("recordID");

    std::string view(existing_view);
    if (!view.empty()) drop_views(tx, view);
    if (view.empty() || is_taken(tx, records_name(view))) {
        do {
            view = relations.take_unused(std::string(reference) + "_view", "reference_");
        } while (!relations.take(records_name(view)));
    }
    const auto records = backends::quote_identifier(records_name(view));
    tx.execute_script(fmt::format(
        "CREATE VIEW {} AS SELECT {} AS {}, {} AS {}, d.\"elementID\" AS {}, d.\"version\" AS {}, "
        "d.\"commitSeq\" AS {}, r.\"rowNumber\" AS {}{}, d.\"retiredSeq\" AS {}, d.\"ID\" AS {} FROM \"dataIndex\" d "
        "JOIN {} r ON r.\"dataID\" = d.\"dataID\" WHERE d.\"nameID\" = {};",
        records, time("d.\"beginTime\""), begin, time("d.\"endTime\""), end, element, version, commit, row, elements,
        own("retiredSeq"), record, backends::quote_identifier(columns.table_name), name_id));
    tx.execute_script(fmt::format(
        "CREATE VIEW {} AS SELECT {} AS {}, {} AS {}, r.{}, r.{}, r.{}, r.{}{} FROM \"timeline\" t JOIN {} r "
        "ON r.{} = t.\"recordID\" WHERE t.\"nameID\" = {};",
        backends::quote_identifier(view), time("t.\"beginTime\""), begin, time("t.\"next\""), end, element, version,
        commit, row, shown, records, record, name_id));
    return view;
}

namespace {

/// What marks a view that create_answer_view made, in front of what it says of it.
constexpr std::string_view kMark = "etalon view of ";

/// In a comment of SQL: nothing in it ends the comment.
std::string in_comment(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '/' && out.ends_with('*')) out += ' ';
        out += c;
    }
    return out;
}

/// The stretches with a record, as of a commit or of the newest: elementID, version, b, e (the largest integer: no
/// end), recordID.
std::string held_sql(const AnswerView& view, const std::vector<std::string>& versions) {
    std::vector<std::string> quoted;
    for (const auto& version : versions) quoted.push_back(backends::quote_literal(version));
    const auto of_table = [&](std::string_view table, std::string_view next, std::string_view condition) {
        return fmt::format(
            "SELECT \"elementID\", \"version\", \"beginTime\" AS \"b\", coalesce({}, 9223372036854775807) AS \"e\", "
            "\"recordID\" FROM \"{}\" WHERE \"nameID\" = {} AND \"recordID\" IS NOT NULL AND \"version\" IN ({}){}",
            next, table, view.name_id, fmt::join(quoted, ", "), condition);
    };
    if (!view.commit) return of_table("timeline", "\"next\"", "");
    const auto next = fmt::format("CASE WHEN \"nextSeq\" IS NULL OR \"nextSeq\" <= {} THEN \"next\" END", *view.commit);
    return of_table("timeline", next, fmt::format(" AND \"fromSeq\" <= {}", *view.commit)) + " UNION ALL " +
           of_table("timelinePast", next, fmt::format(" AND \"fromSeq\" <= {0} AND \"toSeq\" > {0}", *view.commit));
}

/// The common table expressions that end in `won`: elementID, b, e, recordID of each effective interval.
std::string won_sql(const AnswerView& view) {
    std::vector<std::string> versions;
    std::string ranks;
    for (std::size_t rank = 0; rank < view.chain.size(); ++rank) {
        for (const auto& version : view.chain[rank]) {
            versions.push_back(version);
            ranks += fmt::format(" WHEN {} THEN {}", backends::quote_literal(version), rank);
        }
    }
    const auto held = held_sql(view, versions);
    if (versions.size() == 1) return fmt::format("WITH \"won\" AS ({})", held);
    // Where any member changes, the first record in the order of docs/validity.md wins; neighbours with one record are
    // one interval.
    const auto order = fmt::format(
        R"(CASE (SELECT "orderPolicy" FROM "namedRefPolicy" WHERE "nameID" = {}{} ORDER BY "commitSeq" DESC, "ID" DESC LIMIT 1)
    WHEN 1 THEN "rb" ELSE "creationTime" END DESC, "commitSeq" DESC, "rb" DESC, "recordID" DESC)",
        view.name_id, view.commit ? fmt::format(R"( AND "commitSeq" <= {})", *view.commit) : std::string());
    return fmt::format(
        R"(WITH "held" AS ({0}),
"ranked" AS (SELECT h."elementID", h."b", h."e", h."recordID", CASE h."version"{1} END AS "rank", d."beginTime" AS "rb",
  d."creationTime", d."commitSeq" FROM "held" h JOIN "dataIndex_view" d ON d."ID" = h."recordID"),
"points" AS (SELECT "elementID", "b" FROM "ranked" UNION SELECT "elementID", "e" FROM "ranked" WHERE "e" < 9223372036854775807),
"parts" AS (SELECT "elementID", "b", lead("b", 1, 9223372036854775807) OVER (PARTITION BY "elementID" ORDER BY "b") AS "e"
  FROM "points"),
"picked" AS (SELECT p."elementID", p."b", p."e", (SELECT "recordID" FROM "ranked" k WHERE k."elementID" = p."elementID"
  AND k."b" <= p."b" AND k."e" > p."b" ORDER BY "rank", {2} LIMIT 1) AS "recordID" FROM "parts" p),
"marked" AS (SELECT "elementID", "b", "e", "recordID", CASE WHEN lag("recordID") OVER w = "recordID" THEN 0 ELSE 1 END AS "first"
  FROM "picked" WINDOW w AS (PARTITION BY "elementID" ORDER BY "b")),
"grouped" AS (SELECT "elementID", "b", "e", "recordID", sum("first") OVER (PARTITION BY "elementID" ORDER BY "b") AS "run"
  FROM "marked"),
"won" AS (SELECT "elementID", min("b") AS "b", max("e") AS "e", min("recordID") AS "recordID" FROM "grouped"
  WHERE "recordID" IS NOT NULL GROUP BY "elementID", "run"))",
        held, ranks, order);
}

}  // namespace

void create_answer_view(backends::Transaction& tx, RelationNames& relations, const AnswerView& view,
                        const ViewColumns& columns) {
    if (!relations.take(view.name)) {
        throw Error(ErrorCode::Refused,
                    {"there is a table or view of that name", view.name, "a new name", "one that is taken",
                     "choose another name; 'etalon view list' lists those made here"});
    }
    UniqueNames names;
    std::string elements;
    for (const auto& [path, expression] : columns.columns) {
        elements += fmt::format(", {} AS {}", expression, backends::quote_identifier(names.make(path)));
    }
    const auto own = [&](const char* name) { return backends::quote_identifier(names.make(name)); };
    const auto time = [&](std::string_view column) {
        return view.axis == Axis::Run ? std::string(column) : iso_time(tx.engine(), column);
    };
    // An interval without an end has every position, and the last one too.
    const auto where =
        view.at ? fmt::format(" AND w.\"b\" <= {0} AND (w.\"e\" > {0} OR w.\"e\" = 9223372036854775807)",
                              *view.at == kMinusInfinity ? "(-9223372036854775807 - 1)" : std::to_string(*view.at))
                : std::string();
    const bool sqlite = tx.engine() == Engine::Sqlite;
    const auto told = std::string(kMark) + view.reference + ": " + view.shows;
    const auto name = backends::quote_identifier(view.name);
    tx.execute_script(
        fmt::format("CREATE VIEW {} AS {}{} SELECT {} AS {}, {} AS {}, d.\"elementID\" AS {}, d.\"version\" AS {}, "
                    "d.\"commitSeq\" AS {}, "
                    "r.\"rowNumber\" AS {}{} FROM \"won\" w JOIN \"dataIndex\" d ON d.\"ID\" = w.\"recordID\" "
                    // What is stored as bytes keeps its interval: a row of NULLs is no gap.
                    "LEFT JOIN {} r ON r.\"dataID\" = d.\"dataID\" WHERE d.\"dataID\" IS NOT NULL{};",
                    name, sqlite ? fmt::format("/* {} */ ", in_comment(told)) : std::string(), won_sql(view),
                    time("w.\"b\""), own("beginTime"), time("nullif(w.\"e\", 9223372036854775807)"), own("endTime"),
                    own("elementID"), own("version"), own("commitSeq"), own("rowNumber"), elements,
                    backends::quote_identifier(columns.table_name), where));
    if (!sqlite) {
        tx.execute_script(fmt::format("COMMENT ON VIEW {} IS {};", name, backends::quote_literal(told)));
    }
}

std::vector<AnswerViewName> list_answer_views(backends::Transaction& tx) {
    static const Sql kSqlite(
        R"(SELECT "name", substr("sql", instr("sql", '/* etalon view of ') + 3) FROM "sqlite_master"
WHERE "type" = 'view' AND instr("sql", ' AS /* etalon view of ') > 0 ORDER BY "name")");
    static const Sql kPostgres(
        R"(SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind = 'v' AND obj_description(c.oid, 'pg_class') LIKE 'etalon view of %'
ORDER BY c.relname)");
    std::vector<AnswerViewName> views;
    const bool sqlite = tx.engine() == Engine::Sqlite;
    const auto cursor = tx.query(sqlite ? kSqlite : kPostgres, {});
    while (cursor->next()) {
        std::string_view told = cursor->text(1);
        if (sqlite) told = told.substr(0, told.find(" */"));
        if (!told.starts_with(kMark)) continue;
        told.remove_prefix(kMark.size());
        const auto colon = told.find(": ");
        if (colon == std::string_view::npos) continue;
        views.push_back(
            {std::string(cursor->text(0)), std::string(told.substr(0, colon)), std::string(told.substr(colon + 2))});
    }
    return views;
}

void drop_views(backends::Transaction& tx, const std::string& view) {
    const auto records = find_records_view(tx, view);
    drop_view(tx, view);
    if (!records.empty()) drop_view(tx, records);
}

void drop_view(backends::Transaction& tx, std::string_view view) {
    tx.execute_script(fmt::format("DROP VIEW IF EXISTS {};", backends::quote_identifier(view)));
}

}  // namespace etalon::store
