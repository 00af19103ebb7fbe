// Many questions at once. SQLite: a loop over the prepared point statement inside the read transaction. PostgreSQL:
// three statements, whatever the number of questions, names and structs: winners with bounds, column rows, bytes.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "backends/proof.h"
#include "etalon/error.h"
#include "index/provenance.h"
#include "place/place.h"
#include "place/where.h"
#include "store/joined_rows.h"
#include "store/payload.h"
#include "store/tables.h"

namespace etalon::place {

using backends::Cursor;
using backends::Engine;
using backends::Fragment;
using backends::Sql;
using backends::Transaction;

namespace {

/// Structs whose rows one UNION ALL takes at most.
constexpr std::size_t kStructsAtOnce = 200;

/// Format 1: the statements by what the keys of a set need.
const Sql& set_sql(unsigned modes) {
    static const std::vector<Sql> kSql = [] {
        std::vector<Sql> sql;
        for (unsigned of = 0; of <= index::kAllSetModes; ++of) {
            sql.emplace_back(store::with_payloads_sql(index::set_query_sql(of), index::kSetColumnCount, index::kSetOrd,
                                                      index::kSetDataId, index::kSetParameterCount + 1));
        }
        return sql;
    }();
    return kSql.at(modes);
}

enum SetColumn { kStruct = index::kSetColumnCount, kEncoding, kHash, kNth, kDefinition, kColumns };

[[noreturn]] void incomplete(std::int64_t data_id, const Arriving& payload) {
    throw Error(ErrorCode::Corrupt, {"rows of a payload are missing or too many",
                                     fmt::format("{}, dataID {}", payload.schema->definition->name, data_id),
                                     fmt::format("{} rows", payload.num_rows), fmt::format("{}", payload.arrived), ""});
}

/// One statement over the row tables of some structs.
void read_column_payloads(Transaction& tx, std::map<std::int64_t, Arriving>& payloads) {
    std::map<std::int64_t, store::PayloadsOfStruct> structs;
    for (const auto& [id, payload] : payloads) {
        auto& of_struct = structs[payload.schema->struct_id];
        of_struct.table_name = payload.of_struct->record.table_name;
        of_struct.columns = payload.of_struct->columns;
        of_struct.data_ids.push_back(id);
    }
    for (auto from = structs.begin(); from != structs.end();) {
        std::vector<store::PayloadsOfStruct> asked;
        for (; from != structs.end() && asked.size() < kStructsAtOnce; ++from) asked.push_back(std::move(from->second));
        const auto cursor = store::read_rows_of(tx, std::move(asked));
        std::vector<Cursor::RecordField> fields;
        while (cursor->next()) {
            const auto data_id = cursor->integer(0);
            auto& payload = payloads.at(data_id);
            if (cursor->integer(1) != static_cast<std::int64_t>(payload.arrived) ||
                payload.arrived >= payload.num_rows) {
                incomplete(data_id, payload);
            }
            const auto& index = payload.of_struct->column_index.at(payload.schema->schema_id);
            fields.assign(payload.of_struct->columns.size(), {});
            std::byte* at = payload.canonical.row(payload.arrived++);
            for (std::size_t i = 0; i < index.size(); ++i) {
                const auto& element = payload.schema->canonical->elements[i];
                fields[static_cast<std::size_t>(index[i])] = {{element.type, element.dims}, at + element.offset};
            }
            cursor->read_record(2, fields);
        }
    }
}

void read_byte_payloads(Transaction& tx, std::map<std::int64_t, Arriving>& payloads) {
    if (payloads.empty()) return;
    std::vector<std::int64_t> ids;
    for (auto& [id, payload] : payloads) {
        ids.push_back(id);
        payload.chunks.emplace(*payload.schema, payload.num_rows);
    }
    const auto cursor = store::read_chunks_of(tx, std::move(ids));
    while (cursor->next()) payloads.at(cursor->integer(0)).chunks->add(cursor->integer(1), cursor->bytes(2));
    for (auto& [id, payload] : payloads) {
        payload.canonical = payload.chunks->finish(id, payload.expected);
        payload.arrived = payload.num_rows;
    }
}

enum StretchSetColumn { kOrd, kStretch, kLost = kStretch + index::kStretchColumns, kVersion };

/// The stretches of all members of all chains, and the schema versions that are not known yet, each once; with
/// provenance also the record, its payload and commit.
Sql make_stretch_set_sql(bool provenance) {
    std::string columns = store::version_table().select("v");
    std::string joins = store::join_new_versions("w", index::kStretchSetParameterCount + 1);
    if (provenance) {
        columns += ", " + index::provenance_columns();
        joins += index::provenance_joins(R"(w."recordID")");
    }
    return Sql(index::stretch_set_joined_sql(columns, joins));
}

/// A version of the chain of a question.
struct Member {
    std::size_t question;
    const std::string* version;
};

/// Keys of members as lists for a statement: ord, name, element, position, version.
struct MemberKeys {
    std::vector<std::int64_t> ords;
    std::vector<std::int64_t> names;
    std::vector<std::int64_t> elements;
    std::vector<std::int64_t> positions;
    std::vector<std::string> versions;

    void add(std::size_t ord, const Question& question, const std::string& version) {
        ords.push_back(static_cast<std::int64_t>(ord));
        names.push_back(question.name->record.id);
        elements.push_back(question.element);
        positions.push_back(question.at);
        versions.push_back(version);
    }
};

}  // namespace

std::vector<Reply> Place::ask_stretches(Transaction& tx, const std::vector<Question>& questions,
                                        const std::vector<Left>& lefts, const ReadContext& context) {
    static const std::array<Sql, 2> kSql{make_stretch_set_sql(false), make_stretch_set_sql(true)};
    static const Sql kNearest(index::nearest_set_sql());
    std::vector<Reply> replies(questions.size());
    // A member for each version of each chain; what ranks equal or needs no position is asked one by one.
    std::vector<Member> members;
    std::vector<std::size_t> alone;
    bool structs_are_known = true;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const auto& question = questions[i];
        const auto& record = question.name->record;
        replies[i].winner.validity = Interval{record.axis, kMinusInfinity, std::nullopt};
        if (question.any_position ||
            std::ranges::any_of(question.chain->ranks, [](const auto& rank) { return rank.size() > 1; })) {
            alone.push_back(i);
            continue;
        }
        for (const auto& rank : question.chain->ranks) members.push_back({i, &rank.front()});
        const auto known = structs_.find(record.struct_id);
        structs_are_known = structs_are_known && known != structs_.end() && !known->second->schemas.empty();
    }
    std::vector<std::optional<index::Stretch>> stretches(members.size());
    std::vector<bool> answered(members.size(), false);
    const auto unanswered = [&](bool by_nearest) {
        MemberKeys keys;
        for (std::size_t m = 0; m < members.size(); ++m) {
            const bool in_vain = by_nearest && lefts[members[m].question].is_past_nearest;
            if (!answered[m] && !in_vain) keys.add(m, questions[members[m].question], *members[m].version);
        }
        return keys;
    };
    // The nearest stretch is mostly the one that held, and its schema version known: nothing else needs to be asked
    // then.
    if (!members.empty() && !context.provenance && structs_are_known && context.snapshot == snapshot()) {
        auto keys = unanswered(true);
        const auto cursor =
            keys.ords.empty()
                ? nullptr
                : tx.query(kNearest, {std::move(keys.ords), std::move(keys.names), std::move(keys.elements),
                                      std::move(keys.positions), std::move(keys.versions)});
        while (cursor && cursor->next()) {
            const auto ord = static_cast<std::size_t>(cursor->integer(kOrd));
            const auto& member = members.at(ord);
            const auto& question = questions[member.question];
            const auto& name = question.name->record;
            if (cursor->is_null(kStretch)) continue;
            auto stretch =
                index::read_stretch(*cursor, kStretch, name.id, question.element, *member.version, tx.verified());
            if (!index::decides(stretch, question.at, context.snapshot, name.name)) continue;
            const bool has_rows = stretch.record && stretch.record->data_id != 0;
            if (has_rows && !structs_.at(name.struct_id)->find(stretch.record->schema_id)) continue;
            stretches[ord] = std::move(stretch);
            answered[ord] = true;
        }
    }
    auto keys = unanswered(false);
    std::map<std::int64_t, std::pair<index::WinnerRecord, std::string>> records;  // with provenance, by ID
    if (!keys.ords.empty()) {
        std::vector<std::int64_t> structs(members.size());
        std::vector<std::int64_t> known_structs;
        std::vector<std::int64_t> known_schemas;
        std::set<std::int64_t> listed;
        for (std::size_t m = 0; m < members.size(); ++m) {
            structs[m] = questions[members[m].question].name->record.struct_id;
            const auto known = structs_.find(structs[m]);
            if (!listed.insert(structs[m]).second || known == structs_.end()) continue;
            for (const auto& schema : known->second->schemas) {
                known_structs.push_back(structs[m]);
                known_schemas.push_back(schema->schema_id);
            }
        }
        const auto cursor = tx.query(kSql.at(context.provenance ? 1 : 0),
                                     {context.snapshot, std::move(keys.ords), std::move(keys.names),
                                      std::move(keys.elements), std::move(keys.positions), std::move(keys.versions),
                                      std::move(structs), std::move(known_structs), std::move(known_schemas)});
        while (cursor->next()) {
            const auto ord = static_cast<std::size_t>(cursor->integer(kOrd));
            const auto& member = members.at(ord);
            const auto& question = questions[member.question];
            const auto& name = question.name->record;
            answered[ord] = true;
            if (cursor->is_null(kStretch)) {
                if (cursor->integer(kLost) == 0) continue;
                throw Error(
                    ErrorCode::Corrupt,
                    {"a timeline is missing",
                     fmt::format("{}, element {}, version {}", name.name, question.element, *member.version),
                     "stretches from minus infinity on: there are records", "none there", "see 'etalon verify'"});
            }
            stretches[ord] =
                index::read_stretch(*cursor, kStretch, name.id, question.element, *member.version, tx.verified());
            if (!index::decides(*stretches[ord], question.at, context.snapshot, name.name)) {
                throw Error(ErrorCode::Corrupt, {"a stretch that held is one that did not", name.name,
                                                 fmt::format("one that held at commit {}", context.snapshot), "another",
                                                 "see 'etalon verify'"});
            }
            if (!cursor->is_null(kVersion)) merge_schema(store::read_proved_version(*cursor, kVersion, schemas_));
            if (!context.provenance || !stretches[ord]->record) continue;
            auto winner = *index::answer_of(stretches[ord], name.axis, context.snapshot, *member.version).record;
            auto hash = index::read_provenance_cells(*cursor, kVersion + store::version_table().width(), winner);
            records.insert_or_assign(winner.id, std::pair(std::move(winner), std::move(hash)));
        }
    }
    for (std::size_t m = 0; m < members.size(); ++m) {
        const auto& question = questions[members[m].question];
        if (!answered[m])
            throw Error(ErrorCode::Internal, {"a stretch was not answered", question.name->record.name, "", "", ""});
        auto& reply = replies[members[m].question];
        if (reply.winner.record) continue;
        auto answer = index::answer_of(stretches[m], question.name->record.axis, context.snapshot, *members[m].version);
        reply.has_provenance = false;
        if (answer.record && context.provenance) {
            auto& [record, hash] = records.at(answer.record->id);
            answer.record = record;
            reply.content_hash = hash;
            reply.has_provenance = true;
        }
        reply.winner.validity = intersect(reply.winner.validity, answer.validity);
        reply.winner.record = std::move(answer.record);
    }
    for (const auto i : alone) replies[i] = ask_one(tx, questions[i], context);
    return replies;
}

namespace {

/// Structs that are asked for by a statement of their own, at most.
constexpr std::size_t kJoinedStructs = 16;
/// Rows of a payload that come with its stretch, at most: each has the columns of the stretch beside it.
constexpr std::int64_t kJoinedRows = 64;

Sql make_joined_sql(const StructEntry& of_struct) {
    const store::JoinedRows rows(Storage::Columns, of_struct.record.table_name, of_struct.columns);
    return Sql(index::nearest_set_joined_sql(rows.columns(), rows.join_few("t", kJoinedRows)));
}

}  // namespace

std::vector<Place::Left> Place::ask_joined(Transaction& tx, const std::vector<Question>& questions,
                                           const ReadContext& context, std::vector<Reply>& replies) {
    std::vector<Left> others;
    struct Group {
        StructPtr of_struct;
        MemberKeys keys;
    };
    std::map<std::int64_t, Group> groups;
    // Provenance takes joins of its own, and what was as of an older commit is mostly not the nearest.
    const bool is_usual = !context.provenance && context.snapshot == snapshot();
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const auto& question = questions[i];
        const auto& record = question.name->record;
        const auto known = structs_.find(record.struct_id);
        const auto& ranks = question.chain->ranks;
        if (!is_usual || question.any_position || ranks.size() != 1 || ranks.front().size() != 1 ||
            record.storage != Storage::Columns || known == structs_.end() || known->second->columns.empty()) {
            others.push_back({i, false});
            continue;
        }
        auto& group = groups[record.struct_id];
        group.of_struct = known->second;
        group.keys.add(i, question, ranks.front().front());
    }
    if (groups.size() > kJoinedStructs) {
        others.clear();
        for (std::size_t i = 0; i < questions.size(); ++i) others.push_back({i, false});
        return others;
    }
    if (groups.empty()) return others;
    std::vector<backends::Statement> statements;
    for (auto& [struct_id, group] : groups) {
        auto known = joined_sql_.find(struct_id);
        if (known == joined_sql_.end() || known->second.first != group.of_struct) {
            known =
                joined_sql_.insert_or_assign(struct_id, std::pair(group.of_struct, make_joined_sql(*group.of_struct)))
                    .first;
        }
        auto& keys = group.keys;
        statements.push_back({&known->second.second,
                              {std::move(keys.ords), std::move(keys.names), std::move(keys.elements),
                               std::move(keys.positions), std::move(keys.versions)}});
    }
    std::vector<bool> answered(questions.size(), false);
    for (const auto& other : others) answered[other.index] = true;
    const auto cursors = tx.query_all(statements);
    constexpr int kRowNumber = kStretch + index::kStretchColumns;
    std::size_t at = 0;
    for (const auto& [struct_id, group] : groups) {
        auto& cursor = *cursors[at++];
        for (bool more = cursor.next(); more;) {
            const auto ord = cursor.integer(kOrd);
            const auto i = static_cast<std::size_t>(ord);
            const auto& question = questions.at(i);
            const auto& record = question.name->record;
            const auto& version = question.chain->ranks.front().front();
            answered[i] = true;
            std::optional<index::Stretch> stretch;
            if (!cursor.is_null(kStretch)) {
                stretch = index::read_stretch(cursor, kStretch, record.id, question.element, version, tx.verified());
                if (!index::decides(*stretch, question.at, context.snapshot, record.name)) stretch.reset();
            }
            const bool has_rows = stretch && stretch->record && stretch->record->data_id != 0;
            const bool joined =
                stretch && (!has_rows || (stretch->record->num_rows > 0 && stretch->record->num_rows <= kJoinedRows &&
                                          static_cast<Storage>(stretch->record->encoding) == Storage::Columns &&
                                          group.of_struct->find(stretch->record->schema_id)));
            if (!joined) {
                others.push_back({i, !stretch});
                while ((more = cursor.next()) && cursor.integer(kOrd) == ord) continue;
                continue;
            }
            auto& reply = replies[i];
            reply.has_provenance = false;
            reply.winner = index::answer_of(stretch, record.axis, context.snapshot, version);
            if (has_rows) {
                convert_for(*question.name, reply.winner, question.element, [&] {
                    read_joined(cursor, question, context, group.of_struct, kRowNumber, Storage::Columns, false, reply);
                });
            }
            more = cursor.next();
            if (!more || cursor.integer(kOrd) != ord) continue;
            throw Error(ErrorCode::Corrupt, {"rows of a payload are missing or too many",
                                             fmt::format("{}, dataID {}", record.name, stretch->record->data_id),
                                             fmt::format("{} rows", stretch->record->num_rows), "more", ""});
        }
    }
    if (std::ranges::find(answered, false) != answered.end()) {
        throw Error(ErrorCode::Internal, {"not every stretch was answered", connection_->place(), "", "", ""});
    }
    return others;
}

std::vector<Reply> Place::ask_many(Transaction& tx, const std::vector<Question>& questions,
                                   const ReadContext& context) {
    std::vector<Reply> replies;
    if (context.where) {
        RecordsWhere records(*this, tx, context);
        for (const auto& question : questions) replies.push_back(ask_where(records, tx, question, context));
        return replies;
    }
    if (tx.engine() == Engine::Sqlite || context.narrow) {
        replies.reserve(questions.size());
        for (const auto& question : questions) replies.push_back(ask_one(tx, question, context));
        return replies;
    }
    std::map<std::int64_t, Arriving> columns;
    std::map<std::int64_t, Arriving> bytes;
    if (backends::is_proved(tx)) {
        replies.resize(questions.size());
        const auto others = ask_joined(tx, questions, context, replies);
        if (!others.empty()) {
            std::vector<Question> asked;
            for (const auto& other : others) asked.push_back(questions[other.index]);
            auto theirs = ask_stretches(tx, asked, others, context);
            for (std::size_t i = 0; i < others.size(); ++i) replies[others[i].index] = std::move(theirs[i]);
        }
        for (const auto& reply : replies) {
            const auto& winner = reply.winner.record;
            if (!winner || winner->data_id == 0 || reply.plan) continue;
            const bool is_bytes = static_cast<Storage>(winner->encoding) == Storage::Bytes;
            auto& payload = (is_bytes ? bytes : columns)[winner->data_id];
            payload.num_rows = static_cast<std::uint64_t>(winner->num_rows);
            payload.expected = {tx.verified(), winner->rows_checksum};
        }
        read_many_rows(tx, questions, context, columns, bytes, replies);
        return replies;
    }
    replies.resize(questions.size());
    std::vector<index::SetKey> keys;
    std::vector<std::int64_t> known_structs;
    std::vector<std::int64_t> known_schemas;
    std::map<std::int64_t, bool> listed;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const auto& question = questions[i];
        const auto axis = question.name->record.axis;
        replies[i].winner.validity = Interval{axis, kMinusInfinity, std::nullopt};
        keys.push_back({question.name->record.id, question.element, question.at, axis, question.name->record.policy,
                        question.any_position, question.chain});
        const auto struct_id = question.name->record.struct_id;
        if (listed.emplace(struct_id, true).second) {
            const auto known = structs_.find(struct_id);
            if (known == structs_.end()) continue;
            for (const auto& schema : known->second->schemas) {
                known_structs.push_back(struct_id);
                known_schemas.push_back(schema->schema_id);
            }
        }
    }
    auto values = index::bind_set(keys, context.snapshot);
    values.emplace_back(std::move(known_structs));
    values.emplace_back(std::move(known_schemas));

    {
        const auto cursor = tx.query(set_sql(index::set_modes(keys)), values);
        while (cursor->next()) {
            const auto ord = static_cast<std::size_t>(cursor->integer(0));
            auto& reply = replies.at(ord);
            reply.winner = index::read_set_row(*cursor, keys[ord]);
            const auto& winner = reply.winner.record;
            if (!winner || winner->data_id == 0) continue;
            if (cursor->is_null(kStruct)) {
                throw Error(ErrorCode::Corrupt,
                            {"the payload of a record is not there", questions[ord].name->record.name,
                             fmt::format("payload {}", winner->data_id), "none", ""});
            }
            const auto struct_id = cursor->integer(kStruct);
            if (!cursor->is_null(kDefinition)) {
                merge_schema(
                    schemas_.get_schema(struct_id, winner->schema_id, cursor->text(kDefinition),
                                        cursor->is_null(kColumns) ? std::string_view{} : cursor->text(kColumns)));
            }
            reply.content_hash = to_hex(cursor->bytes(kHash));
            const bool is_bytes = static_cast<Storage>(cursor->integer(kEncoding)) == Storage::Bytes;
            auto& payload = (is_bytes ? bytes : columns)[winner->data_id];
            payload.num_rows = static_cast<std::uint64_t>(winner->num_rows);
        }
    }
    read_many_rows(tx, questions, context, columns, bytes, replies);
    return replies;
}

void Place::read_many_rows(Transaction& tx, const std::vector<Question>& questions, const ReadContext& context,
                           std::map<std::int64_t, Arriving>& columns, std::map<std::int64_t, Arriving>& bytes,
                           std::vector<Reply>& replies) {
    // Every schema version is known now: give each payload its place. Large ones are read each by itself, in pieces.
    std::vector<std::size_t> wanted;
    struct Large {
        std::size_t reply;
        Storage encoding;
        store::ExpectedRows expected;
    };
    std::vector<Large> large;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const auto& winner = replies[i].winner.record;
        if (!winner || winner->data_id == 0 || replies[i].plan) continue;
        const auto of_struct = structs_.at(questions[i].name->record.struct_id);
        const auto schema = of_struct->find(winner->schema_id);
        if (!schema) {
            throw Error(ErrorCode::Corrupt, {"rows of an unknown schema version", questions[i].name->record.name,
                                             "a recorded schema version", std::to_string(winner->schema_id), ""});
        }
        try {
            replies[i].plan = get_read_plan(schema, asked_definition(*of_struct, context, schema), context);
        } catch (const Error& error) {
            throw error.within(fmt::format("{} element {}", questions[i].name->record.name, questions[i].element));
        }
        const auto column = columns.find(winner->data_id);
        auto& payload = column != columns.end() ? column->second : bytes.at(winner->data_id);
        if (schema->canonical->size * payload.num_rows > store::kWholeBytes) {
            large.push_back({i, column != columns.end() ? Storage::Columns : Storage::Bytes, payload.expected});
            continue;
        }
        wanted.push_back(i);
        payload.schema = schema;
        payload.of_struct = of_struct;
        if (column != columns.end() && payload.canonical.data.size() == 0) {
            payload.canonical = {schema->canonical, AlignedBuffer(schema->canonical->size * payload.num_rows),
                                 payload.num_rows};
        }
    }
    const auto is_large = [](const auto& payload) { return payload.second.schema == nullptr; };
    std::erase_if(columns, is_large);
    std::erase_if(bytes, is_large);
    read_column_payloads(tx, columns);
    read_byte_payloads(tx, bytes);
    for (const auto& one : large) {
        const auto& question = questions[one.reply];
        auto& reply = replies[one.reply];
        convert_for(*question.name, reply.winner, question.element, [&] {
            read_converted(tx, *structs_.at(question.name->record.struct_id), one.encoding, one.expected, context,
                           reply);
        });
    }
    for (const auto i : wanted) {
        auto& reply = replies[i];
        const auto data_id = reply.winner.record->data_id;
        const auto column = columns.find(data_id);
        const auto& payload = column != columns.end() ? column->second : bytes.at(data_id);
        if (payload.arrived != payload.num_rows) incomplete(data_id, payload);
        if (column != columns.end() && payload.expected.proved) {
            payload.expected.check(
                store::column_rows_checksum(*payload.canonical.layout, payload.canonical.data.data(), payload.num_rows),
                payload.schema->definition->name, data_id);
        }
        const auto& asked = reply.plan->asked;
        reply.rows = {asked, AlignedBuffer(asked->size * payload.num_rows), payload.num_rows};
        convert_for(*questions[i].name, reply.winner, questions[i].element, [&] {
            reply.losses =
                reply.plan->convert->run(payload.canonical.data.data(), reply.rows.data.data(), payload.num_rows)
                    .losses;
        });
    }
}

}  // namespace etalon::place
