#include "backends/relation_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace etalon::backends {
namespace {

/// The words of a statement: names in double quotes without them, and everything else as it is written.
class Words {
public:
    struct Word {
        std::string text;
        bool quoted = false;  ///< a name in double quotes
        char mark = 0;        ///< one of `( ) , ;` or another single character; 0: a word
        [[nodiscard]] bool is(char one) const noexcept { return mark == one; }
        [[nodiscard]] bool is(std::string_view keyword) const {
            return mark == 0 && !quoted && text.size() == keyword.size() &&
                   std::equal(text.begin(), text.end(), keyword.begin(),
                              [](unsigned char a, unsigned char b) { return std::toupper(a) == std::toupper(b); });
        }
    };

    explicit Words(std::string_view text) : rest_(text) {}

    [[nodiscard]] std::optional<Word> next() {
        while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) rest_.remove_prefix(1);
        if (rest_.empty()) return std::nullopt;
        Word word;
        if (rest_.front() == '"') {
            word.quoted = true;
            word.text = take_quoted();
        } else if (is_word(rest_.front())) {
            std::size_t end = 0;
            while (end < rest_.size() && is_word(rest_[end])) ++end;
            word.text = rest_.substr(0, end);
            rest_.remove_prefix(end);
        } else {
            word.mark = rest_.front();
            rest_.remove_prefix(1);
        }
        return word;
    }

private:
    static bool is_word(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

    std::string take_quoted() {
        std::string name;
        std::size_t at = 1;
        for (; at < rest_.size(); ++at) {
            if (rest_[at] == '"' && (at + 1 == rest_.size() || rest_[at + 1] != '"')) break;
            if (rest_[at] == '"') ++at;
            name += rest_[at];
        }
        rest_.remove_prefix(std::min(at + 1, rest_.size()));
        return name;
    }

    std::string_view rest_;
};

/// The words of a column's definition that belong to no type.
bool ends_type(const Words::Word& word) {
    static constexpr std::array<std::string_view, 9> kEnds{"NOT",     "NULL",    "UNIQUE", "PRIMARY",   "GENERATED",
                                                           "DEFAULT", "COLLATE", "CHECK",  "CONSTRAINT"};
    return word.mark != 0 || word.quoted ||
           std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view one) { return word.is(one); });
}

/// What may stand in the definitions of Etalon's tables beside names.
bool is_plain(const Words::Word& word) {
    static constexpr std::array<std::string_view, 18> kPlain{
        "INTEGER", "TEXT", "BLOB",    "NOT",     "NULL",    "UNIQUE", "PRIMARY", "KEY",    "GENERATED",
        "ALWAYS",  "AS",   "VIRTUAL", "DEFAULT", "WITHOUT", "ROWID",  "0",       "EXISTS", "IF"};
    if (word.quoted) return true;
    if (word.mark != 0) return word.is('(') || word.is(')') || word.is(',') || word.is(';');
    return std::any_of(kPlain.begin(), kPlain.end(), [&](std::string_view one) { return word.is(one); });
}

/// Reads `( column, ..., constraint, ... ) ...` behind the name of a table.
void read_columns(Words& words, RelationInfo& table) {
    int depth = 0;
    bool begins = false;
    bool in_type = false;
    bool after_name = false;
    while (const auto word = words.next()) {
        if (word->is(';') && depth == 0) return;
        if (!is_plain(*word) && table.extra.empty()) {
            table.extra =
                fmt::format("'{}' in its definition", word->mark != 0 ? std::string(1, word->mark) : word->text);
        }
        // A name in front of a parenthesis is that of a function.
        if (word->is('(') && after_name && depth > 0 && table.extra.empty()) {
            table.extra = "a function in its definition";
        }
        after_name = word->quoted;
        if (word->is('(')) {
            begins = ++depth == 1;
            in_type = false;
            continue;
        }
        if (word->is(')')) {
            --depth;
            begins = in_type = false;
            continue;
        }
        if (depth != 1) continue;
        if (word->is(',')) {
            begins = true;
            in_type = false;
        } else if (begins) {
            begins = false;
            // What is not in quotes begins a constraint of the table.
            in_type = word->quoted;
            if (in_type) table.columns.push_back(word->text);
        } else if (in_type && word->is('.')) {
            table.columns.back().erase(table.columns.back().rfind(' '));  // the schema of the type
        } else if (in_type && !ends_type(*word)) {
            table.columns.back() += ' ' + word->text;
        } else {
            in_type = false;
        }
    }
}

/// A table as its CREATE statement in SQLite says.
RelationInfo read_sqlite_table(std::string name, std::string_view text) {
    RelationInfo table{std::move(name), "table", {}, {}};
    Words words(text);
    const auto create = words.next();
    const auto what = words.next();
    if (!create || !what || !create->is("CREATE") || !what->is("TABLE")) {
        table.kind = what && what->is("VIRTUAL") ? "virtual table" : "relation without a definition";
        return table;
    }
    (void)words.next();  // its name
    read_columns(words, table);
    return table;
}

RelationList read_sqlite_relations(Transaction& tx) {
    static const Sql kRead(R"(SELECT "type", "name", "tbl_name", CASE "type" WHEN 'view' THEN NULL ELSE "sql" END
FROM sqlite_schema WHERE "type" <> 'index')");
    RelationList list;
    const auto cursor = tx.query(kRead, {});
    while (cursor->next()) {
        const auto type = cursor->text(0);
        std::string name(cursor->text(1));
        const auto text = cursor->is_null(3) ? std::string_view() : cursor->text(3);
        if (type == "trigger") {
            list.triggers.push_back({std::string(cursor->text(2)), std::move(name), std::string(text)});
        } else if (type == "table") {
            list.relations.push_back(read_sqlite_table(std::move(name), text));
        } else {
            list.relations.push_back({std::move(name), std::string(type), {}, {}});
        }
    }
    return list;
}

RelationList read_postgres_relations(Transaction& tx, const std::vector<std::string>& with_columns) {
    static const Sql kRelations(R"(SELECT c.relname::text, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view'
WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' WHEN 'S' THEN 'sequence'
ELSE 'relation of another kind' END,
CASE WHEN c.relkind <> 'r' THEN '' WHEN c.relhasrules THEN 'a rule' WHEN c.relrowsecurity THEN 'row-level security'
WHEN c.relchecks > 0 THEN 'a CHECK constraint' WHEN c.relispartition THEN 'the table of which it is a partition'
WHEN c.relhassubclass AND EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
THEN 'a table that inherits from it'
WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef d WHERE d.adrelid = c.oid
AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) NOT IN ('0', '"dataID"')) THEN 'a default of others'
WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indexprs IS NOT NULL)
THEN 'an index over an expression' ELSE '' END,
CASE WHEN c.relkind = 'r' AND c.relname::text = ANY(?1::text[]) THEN (SELECT pg_catalog.string_agg(
a.attname::text || ' ' || pg_catalog.format_type(a.atttypid, NULL), pg_catalog.chr(31) ORDER BY a.attnum)
FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'S'))");
    static const Sql kTriggers(R"(SELECT c.relname::text, t.tgname::text,
CASE WHEN p.pronamespace = c.relnamespace AND p.proowner = c.relowner THEN p.proname::text ELSE '' END
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND n.nspname = current_schema())");
    RelationList list;
    const auto cursor = tx.query(kRelations, {with_columns});
    while (cursor->next()) {
        auto& relation = list.relations.emplace_back(
            RelationInfo{std::string(cursor->text(0)), std::string(cursor->text(1)), std::string(cursor->text(2)), {}});
        if (cursor->is_null(3)) continue;
        for (auto rest = cursor->text(3); !rest.empty();) {
            const auto end = std::min(rest.find('\x1f'), rest.size());
            relation.columns.emplace_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    const auto triggers = tx.query(kTriggers, {});
    while (triggers->next()) {
        list.triggers.push_back(
            {std::string(triggers->text(0)), std::string(triggers->text(1)), std::string(triggers->text(2))});
    }
    return list;
}

constexpr std::string_view kCreateTable = "CREATE TABLE IF NOT EXISTS ";
constexpr std::string_view kCreateTrigger = "CREATE TRIGGER IF NOT EXISTS ";

}  // namespace

RelationList read_relations(Transaction& tx, const std::vector<std::string>& with_columns) {
    return tx.engine() == Engine::Sqlite ? read_sqlite_relations(tx) : read_postgres_relations(tx, with_columns);
}

std::vector<RelationInfo> find_tables(std::string_view ddl) {
    std::vector<RelationInfo> tables;
    for (auto at = ddl.find(kCreateTable); at != std::string_view::npos; at = ddl.find(kCreateTable, at + 1)) {
        Words words(ddl.substr(at + kCreateTable.size()));
        RelationInfo table{words.next().value_or(Words::Word{}).text, "table", {}, {}};
        read_columns(words, table);
        table.extra.clear();
        tables.push_back(std::move(table));
    }
    return tables;
}

std::vector<TriggerText> find_trigger_texts(std::string_view ddl) {
    constexpr std::string_view kEnd = "END;";
    std::vector<TriggerText> triggers;
    for (auto at = ddl.find(kCreateTrigger); at != std::string_view::npos; at = ddl.find(kCreateTrigger, at + 1)) {
        const auto begin = at + kCreateTrigger.size();
        const auto text = ddl.substr(begin, ddl.find(kEnd, begin) + kEnd.size() - 1 - begin);
        TriggerText trigger;
        trigger.text = fmt::format("CREATE TRIGGER {}", text);
        Words words(text);
        trigger.name = words.next().value_or(Words::Word{}).text;
        while (const auto word = words.next()) {
            if (!word->is("ON")) continue;
            trigger.table = words.next().value_or(Words::Word{}).text;
            break;
        }
        triggers.push_back(std::move(trigger));
    }
    return triggers;
}

}  // namespace etalon::backends
