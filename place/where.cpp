#include "place/where.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "backends/proof.h"
#include "etalon/error.h"
#include "store/payload.h"
#include "store/value_sql.h"

namespace etalon::place {

using evolution::TestTree;

std::shared_ptr<const TypedCondition> type_condition(const Condition& condition,
                                                     std::span<const store::SchemaPtr> versions,
                                                     const schema::UnitSystem& units,
                                                     const evolution::StructRules* rules) {
    std::vector<DefinitionPtr> definitions;
    for (const auto& version : versions) definitions.push_back(version->definition);
    auto tests = evolution::make_value_tests(condition, definitions, units, rules);
    auto typed = std::make_shared<TypedCondition>();
    for (std::size_t i = 0; i < versions.size(); ++i) {
        typed->versions.insert_or_assign(versions[i]->definition_hash, std::move(tests[i]));
    }
    return typed;
}

RecordsWhere::OfName& RecordsWhere::records_of(const NameEntry& name) {
    const auto [known, is_new] = names_.try_emplace(name.record.id);
    if (!is_new) return known->second;
    if (!backends::is_proved(tx_)) {
        throw Error(ErrorCode::Format,
                    {"values of format 1 cannot be asked for by a condition", place_.connection().place(),
                     "format 2 or newer", fmt::format("format {}.{}", tx_.format().major, tx_.format().minor),
                     "bring it to the newest format with 'etalon init --upgrade'"});
    }
    known->second.history = index::read_name_history(tx_, name.record.id);
    return known->second;
}

bool RecordsWhere::counts(const NameEntry& name, OfName& records, const index::StretchRecord& record) {
    if (record.data_id == 0) return false;  // a hole has no row
    const auto [verdict, is_new] = records.verdicts.try_emplace(record.data_id, false);
    if (!is_new) return verdict->second;
    const auto of_struct = place_.get_struct(tx_, name.record.struct_id);
    const auto schema = of_struct->find(record.schema_id);
    const auto tests = schema ? context_.where->versions.find(schema->definition_hash) : context_.where->versions.end();
    if (tests == context_.where->versions.end()) {
        throw Error(ErrorCode::Corrupt, {"rows of an unknown schema version", name.record.name,
                                         "a recorded schema version", std::to_string(record.schema_id), ""});
    }
    const auto& [tree, fault] = tests->second;
    if (tree.kind == TestTree::Kind::Never) return false;
    if (!fault.empty()) {
        throw Error(ErrorCode::Usage, {"values of different units cannot be compared", name.record.name, "",
                                       fmt::format("records of schema {}: {}", record.schema_id, fault), ""});
    }
    const store::ExpectedRows expected{tx_.verified(), record.rows_checksum};
    try {
        verdict->second =
            store::any_row_passes(tx_, *schema, of_struct->record.table_name, static_cast<Storage>(record.encoding),
                                  tree, record.data_id, static_cast<std::uint64_t>(record.num_rows), expected);
    } catch (const Error& error) {
        records.verdicts.erase(verdict);
        throw error.within(fmt::format("{} begin {} schema {}", name.record.name,
                                       format_position({name.record.axis, record.key.begin}), record.schema_id));
    }
    return verdict->second;
}

index::WinnerAnswer RecordsWhere::find(const Question& question) {
    const auto& name = question.name->record;
    auto& records = records_of(*question.name);
    std::vector<index::StretchRecord> counting;
    std::vector<index::RecordKey> keys;
    std::vector<std::string_view> versions;
    for (std::size_t rank = 0; rank < question.chain->ranks.size(); ++rank) {
        for (const auto& version : question.chain->ranks[rank]) {
            const auto found = records.history.records.find({name.id, question.element, version});
            if (found == records.history.records.end()) continue;
            for (const auto& [record, retired] : found->second) {
                const bool is_seen =
                    record.key.commit <= context_.snapshot && (!retired || *retired > context_.snapshot);
                if (!is_seen || !counts(*question.name, records, record)) continue;
                counting.push_back(record);
                keys.push_back(record.key);
                keys.back().rank = static_cast<std::int64_t>(rank);
                versions.push_back(version);
            }
        }
    }
    const auto answer = [&](const Interval& validity, std::optional<std::size_t> winner) {
        index::Stretch stretch;
        stretch.begin = validity.begin;
        stretch.next = validity.end;
        if (winner) stretch.record = counting[*winner];
        return index::answer_of(stretch, name.axis, context_.snapshot, winner ? versions[*winner] : "");
    };
    if (question.any_position) {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (!best || index::beats(keys[i], keys[*best], name.policy)) best = i;
        }
        return answer(Interval{name.axis, kMinusInfinity, std::nullopt}, best);
    }
    const auto segments = index::timeline(name.axis, keys, name.policy);
    const auto here =
        std::ranges::find_if(segments, [&](const auto& one) { return one.interval.contains(question.at); });
    if (here == segments.end()) {
        throw Error(ErrorCode::Internal,
                    {"no segment has the position", name.name, "", std::to_string(question.at), ""});
    }
    return answer(here->interval, here->winner);
}

Reply Place::ask_where(RecordsWhere& records, backends::Transaction& tx, const Question& question,
                       const ReadContext& context) {
    Reply reply;
    reply.winner = records.find(question);
    read_payload(tx, question, context, reply);
    if (context.provenance) read_provenance(tx, question, reply);
    return reply;
}

}  // namespace etalon::place
