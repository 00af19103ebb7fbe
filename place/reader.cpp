// Reading one named reference: one statement per answer where the engine allows it.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "backends/proof.h"
#include "base/bytes.h"
#include "base/spool.h"
#include "etalon/error.h"
#include "evolution/matching.h"
#include "index/commits.h"
#include "index/provenance.h"
#include "index/tables.h"
#include "place/place.h"
#include "place/where.h"
#include "store/chunk.h"
#include "store/joined_rows.h"
#include "store/payload.h"

namespace etalon::place {

using backends::Cursor;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;

namespace {

/// The rows that a read joins, in the form that the name is written in.
store::JoinedRows joined_rows(const NameEntry& name) {
    std::uint64_t row_bytes = 0;
    for (const auto& schema : name.of_struct->schemas) row_bytes = std::max(row_bytes, schema->canonical->size);
    return {name.record.storage, name.of_struct->record.table_name, name.of_struct->columns, row_bytes};
}

std::shared_ptr<const PointPlan> make_point_plan(Engine engine, const NameEntry& name, index::Reach reach) {
    const auto rows = joined_rows(name);
    return std::make_shared<PointPlan>(
        PointPlan{Sql(index::point_joined_sql(engine, reach, rows.is_first(),
                                              fmt::format("{}, {}", store::payload_columns(), rows.columns()),
                                              store::join_payload("w") + rows.join(engine, "w"))),
                  rows.stored(), rows.most_rows(), name.of_struct});
}

[[noreturn]] void bad_row_order(const NameEntry& name, std::int64_t data_id, std::uint64_t expected) {
    throw Error(ErrorCode::Corrupt,
                {"rows of a payload are missing or too many", fmt::format("{}, dataID {}", name.record.name, data_id),
                 fmt::format("row or chunk {}", expected), "another one", ""});
}

/// Converts a block from canonical rows and keeps what was lost.
void convert(Reply& reply, const schema::RowBlock& canonical) {
    const auto& asked = reply.plan->asked;
    reply.rows = {asked, AlignedBuffer(asked->size * canonical.num_rows), canonical.num_rows};
    reply.losses = reply.plan->convert->run(canonical.data.data(), reply.rows.data.data(), canonical.num_rows).losses;
}

}  // namespace

std::string describe(const NameEntry& name, const index::WinnerAnswer& winner, std::int64_t element) {
    const auto begin = winner.record ? format_position({winner.validity.axis, winner.record->begin}) : std::string();
    return fmt::format("{} element {} begin {} schema {}", name.record.name, element, begin,
                       winner.record ? winner.record->schema_id : 0);
}

const PointPlan& Place::get_point_plan(NameEntry& name, index::Reach reach) {
    auto& known = name.plans.at(static_cast<std::size_t>(reach));
    if (!known) known = make_point_plan(connection_->engine(), name, reach);
    return *known;
}

DefinitionPtr Place::asked_definition(const StructEntry& of_struct, const ReadContext& context,
                                      const store::SchemaPtr& stored) const {
    if (context.definition) return context.definition;
    if (context.schema == 0) return stored ? stored->definition : nullptr;
    const auto schema = of_struct.find(context.schema);
    if (schema) return schema->definition;
    throw Error(ErrorCode::Unknown,
                {"no such schema version", fmt::format("struct {}", of_struct.name()),
                 fmt::format("a number from 1 to {}", of_struct.schemas.size()), std::to_string(context.schema),
                 fmt::format("see 'etalon schema {}'", of_struct.name())});
}

Reply Place::ask_one(Transaction& tx, const Question& question, const ReadContext& context) {
    const auto& name = question.name->record;
    if (context.where) {
        RecordsWhere records(*this, tx, context);
        return ask_where(records, tx, question, context);
    }
    Reply reply;
    if (question.any_position) {
        reply.winner = index::find_any_position(tx, name, question.element, *question.chain, context.snapshot);
        read_payload(tx, question, context, reply);
        if (context.provenance) read_provenance(tx, question, reply);
        return reply;
    }
    Interval gap{name.axis, kMinusInfinity, std::nullopt};
    for (const auto& rank : question.chain->ranks) {
        if (rank.size() == 1) {
            reply = backends::is_proved(tx) ? ask_stretch(tx, question, rank.front(), context)
                                            : ask_version(tx, question, rank.front(), context);
        } else {
            reply = {};
            reply.winner = index::find_among_equals(tx, name, question.element, rank, question.at, context.snapshot);
            read_payload(tx, question, context, reply);
        }
        reply.winner.validity = intersect(gap, reply.winner.validity);
        if (reply.winner.record) break;
        gap = reply.winner.validity;
    }
    if (context.provenance) read_provenance(tx, question, reply);
    return reply;
}

void Place::read_provenance(Transaction& tx, const Question& question, Reply& reply) {
    auto& winner = reply.winner.record;
    if (!winner || !winner->stretched || reply.has_provenance) return;
    const auto cursor = tx.query(index::provenance_sql(), {winner->id});
    if (!cursor->next()) {
        throw Error(ErrorCode::Corrupt, {"an interval record is missing", question.name->record.name,
                                         fmt::format("ID {} in dataIndex", winner->id), "none", "see 'etalon verify'"});
    }
    reply.content_hash = index::read_provenance_cells(*cursor, 0, *winner);
    reply.has_provenance = true;
}

namespace {

std::shared_ptr<const StretchPlan> make_stretch_plan(Engine engine, const NameEntry& name) {
    // The reader stops once the rows of the first stretch are there.
    const auto rows = joined_rows(name);
    return std::make_shared<StretchPlan>(
        StretchPlan{Sql(index::nearest_joined_sql(engine, rows.columns(), rows.join(engine, "t"))), rows.stored(),
                    rows.most_rows(), name.of_struct});
}

store::ExpectedRows expected_rows(const Transaction& tx, const index::WinnerRecord& winner) {
    return {winner.stretched && tx.verified(), winner.rows_checksum};
}

}  // namespace

const StretchPlan& Place::get_stretch_plan(NameEntry& name) {
    if (!name.stretch_plan) name.stretch_plan = make_stretch_plan(connection_->engine(), name);
    return *name.stretch_plan;
}

namespace {

/// `first` is the column of the first joined cell.
std::shared_ptr<const CellPlan> make_cell_plan(const ReadPlanPtr& plan, const StructPtr& of_struct, int first) {
    const auto& canonical = plan->schema->canonical;
    auto made = std::make_shared<CellPlan>();
    made->plan = plan;
    made->of_struct = of_struct;
    made->first = first;
    made->target = plan->direct ? plan->asked : canonical;
    // Rows without padding are written whole.
    made->is_dense = made->target->size == canonical->size;
    const auto& index = of_struct->column_index.at(plan->schema->schema_id);
    for (std::size_t i = 0; i < made->target->elements.size(); ++i) {
        const auto& element = made->target->elements[i];
        made->cells.push_back({first + index[i], {element.type, element.dims}, element.offset});
    }
    return made;
}

}  // namespace

void Place::read_joined(Cursor& cursor, const Question& question, const ReadContext& context,
                        const StructPtr& of_struct, int first, Storage joined, bool ends_with_rows, Reply& reply) {
    const auto& winner = *reply.winner.record;
    const auto& name = *question.name;
    const auto num_rows = static_cast<std::uint64_t>(winner.num_rows);
    const store::ExpectedRows expected{winner.stretched && connection_->verified(), winner.rows_checksum};
    const auto schema = of_struct->find(winner.schema_id);
    const auto& current = structs_.at(name.record.struct_id);
    reply.plan = get_read_plan(schema, asked_definition(*current, context, schema), context);
    if (joined == Storage::Bytes) {
        store::ChunkAssembler chunks(*schema, num_rows);
        const auto count = store::chunk_count(*schema->canonical, num_rows);
        for (std::uint64_t chunk = 0; ends_with_rows || chunk < count; ++chunk) {
            if ((chunk != 0 && !cursor.next()) || cursor.is_null(first)) break;
            chunks.add(cursor.integer(first), cursor.bytes(first + 1));
        }
        convert(reply, chunks.finish(winner.data_id, expected));
        return;
    }
    const auto known = question.name->cell_plan;
    const bool fits = known && known->plan == reply.plan && known->of_struct == of_struct && known->first == first + 1;
    const auto cells = fits ? known : make_cell_plan(reply.plan, of_struct, first + 1);
    question.name->cell_plan = cells;
    const auto& target = cells->target;
    schema::RowBlock rows{
        target,
        cells->is_dense ? AlignedBuffer(target->size * num_rows) : AlignedBuffer::zeroed(target->size * num_rows),
        num_rows};
    for (std::uint64_t row = 0; row < num_rows; ++row) {
        if ((row != 0 && !cursor.next()) || cursor.is_null(first) ||
            cursor.integer(first) != static_cast<std::int64_t>(row)) {
            bad_row_order(name, winner.data_id, row);
        }
        cursor.read_cells(cells->cells, rows.row(row));
    }
    if (ends_with_rows && cursor.next()) bad_row_order(name, winner.data_id, num_rows);
    if (expected.proved) {
        expected.check(store::column_rows_checksum(*target, rows.data.data(), num_rows), schema->definition->name,
                       winner.data_id);
    }
    if (reply.plan->direct) {
        reply.rows = std::move(rows);
    } else {
        convert(reply, rows);
    }
}

Reply Place::ask_stretch(Transaction& tx, const Question& question, std::string_view version,
                         const ReadContext& context) {
    Reply reply;
    reply.has_provenance = false;
    auto& name = *question.name;
    const auto& plan = get_stretch_plan(name);
    const index::StretchQuestion asked{name.record.id, question.element, version,
                                       question.at,    context.snapshot, tx.verified()};
    values_.clear();
    values_.emplace_back(asked.name_id);
    values_.emplace_back(asked.element);
    values_.emplace_back(std::string(version));
    values_.emplace_back(asked.at);
    static const Sql kNearest(index::nearest_sql());
    auto cursor = tx.query(context.narrow ? kNearest : plan.sql, values_);
    std::optional<index::Stretch> stretch;
    if (cursor->next()) {
        stretch = index::read_stretch(*cursor, 0, asked.name_id, asked.element, version, asked.proved);
        if (!index::decides(*stretch, asked.at, asked.snapshot, name.record.name)) stretch.reset();
    }
    const bool here = stretch.has_value();
    if (!here) {
        cursor.reset();
        stretch = index::find_held_before(tx, asked);
    }
    reply.winner = index::answer_of(stretch, name.record.axis, context.snapshot, version);
    const auto& winner = reply.winner.record;
    if (!winner || winner->data_id == 0) return reply;
    const auto schema = plan.of_struct->find(winner->schema_id);
    const auto stored = static_cast<Storage>(winner->encoding);
    const bool joined = here && !context.narrow && schema != nullptr && stored == plan.joined &&
                        (stored == Storage::Columns
                             ? static_cast<std::uint64_t>(winner->num_rows) <= plan.most_rows
                             : store::chunk_count(*schema->canonical, static_cast<std::uint64_t>(winner->num_rows)) <=
                                   store::kJoinedChunks);
    if (!joined) {
        // Of an earlier state, stored in the other form, longer than what is joined, or its columns are not in the
        // statement.
        cursor.reset();
        read_payload(tx, question, context, reply);
        return reply;
    }
    convert_for(name, reply.winner, question.element, [&] {
        (void)get_struct(tx, name.record.struct_id);
        read_joined(*cursor, question, context, plan.of_struct, index::kStretchColumns, plan.joined,
                    tx.engine() == Engine::Postgres && stored == Storage::Columns, reply);
    });
    return reply;
}

store::SchemaPtr Place::schema_of(Transaction& tx, const NameEntry& name, std::int64_t schema_id) {
    if (auto schema = get_struct(tx, name.record.struct_id)->find(schema_id)) return schema;
    // Recorded after this name was looked up.
    if (auto schema = reload_struct(tx, name.record.struct_id)->find(schema_id)) return schema;
    throw Error(ErrorCode::Corrupt, {"rows of an unknown schema version", name.record.name, "a recorded schema version",
                                     std::to_string(schema_id), ""});
}

AlignedBuffer make_row_buffer(std::uint64_t size, const ReadContext& context) {
    if (size <= context.spool_above) return AlignedBuffer(size);
    try {
        return SpoolFile::make_buffer(size);
    } catch (const Error& error) {
        // Without room for a file there may be enough in memory.
        if (error.code() != ErrorCode::Backend) throw;
        return AlignedBuffer(size);
    }
}

std::uint64_t spool_limit(const DefinitionPtr& asked) noexcept {
    constexpr std::uint64_t kInMemory = 16ULL * 1024 * 1024;
    return asked ? std::numeric_limits<std::uint64_t>::max() : kInMemory;
}

void Place::read_converted(Transaction& tx, const StructEntry& of_struct, Storage encoding,
                           const store::ExpectedRows& expected, const ReadContext& context, Reply& reply) {
    const auto& winner = *reply.winner.record;
    const auto& plan = *reply.plan;
    const auto num_rows = static_cast<std::uint64_t>(winner.num_rows);
    const auto size = plan.asked->size;
    reply.rows = {plan.asked, make_row_buffer(size * num_rows, context), num_rows};
    // A value that does not fit is one of the payload only when all of its rows are proved.
    std::optional<Error> misfit;
    store::read_in_pieces(
        tx, *plan.schema, of_struct.record.table_name, encoding, winner.data_id, num_rows, expected,
        [&](std::uint64_t first, const schema::RowBlock& piece) {
            if (misfit) return;
            try {
                reply.losses +=
                    plan.convert->run(piece.data.data(), reply.rows.row(first), piece.num_rows, first).losses;
            } catch (const Error& error) {
                if (error.code() != ErrorCode::Conversion) throw;
                misfit = error;
            }
            reply.rows.data.let_go(first * size, (first + piece.num_rows) * size);
        });
    if (misfit) throw *misfit;
}

bool Place::read_narrow(Transaction& tx, const StructEntry& of_struct, const store::ExpectedRows& expected,
                        const ReadContext& context, Reply& reply) {
    const auto& winner = *reply.winner.record;
    const auto& schema = *reply.plan->schema;
    const auto& asked = reply.plan->asked;
    const auto num_rows = static_cast<std::uint64_t>(winner.num_rows);
    std::set<std::size_t> needed;
    for (const auto stored : evolution::match_elements(*schema.definition, *asked).stored_of) {
        if (stored != evolution::kNoElement) needed.insert(stored);
    }
    if (needed.empty()) needed.insert(0);  // that the rows are there is proved by any of them
    if (needed.size() == schema.definition->elements.size()) return false;
    const auto rows = store::read_some_columns(tx, schema, of_struct.record.table_name, {needed.begin(), needed.end()},
                                               winner.data_id, num_rows, expected);
    if (!rows) return false;
    auto options = context.options;
    options.units = traits_.units.get();
    const auto plan = conversion::ConversionPlan::make(*rows->layout, *asked, options);
    reply.rows = {asked, make_row_buffer(asked->size * num_rows, context), num_rows};
    reply.losses += plan->run(rows->data.data(), reply.rows.data.data(), num_rows).losses;
    return true;
}

void Place::read_payload(Transaction& tx, const Question& question, const ReadContext& context, Reply& reply) {
    const auto& winner = reply.winner.record;
    if (winner && winner->stretched) reply.has_provenance = false;
    if (!winner || winner->data_id == 0) return;
    const auto& name = *question.name;
    const auto schema = schema_of(tx, name, winner->schema_id);
    const auto of_struct = get_struct(tx, name.record.struct_id);
    Storage encoding{};
    if (winner->stretched) {
        encoding = static_cast<Storage>(winner->encoding);
    } else {
        auto form = store::find_payload_form(tx, winner->data_id);
        if (!form) {
            throw Error(ErrorCode::Corrupt, {"the payload of a record is not there", name.record.name,
                                             fmt::format("payload {}", winner->data_id), "none", ""});
        }
        encoding = form->encoding;
        reply.content_hash = std::move(form->content_hash);
    }
    convert_for(name, reply.winner, question.element, [&] {
        reply.plan = get_read_plan(schema, asked_definition(*of_struct, context, schema), context);
        const auto expected = expected_rows(tx, *winner);
        if (context.narrow && encoding == Storage::Columns && read_narrow(tx, *of_struct, expected, context, reply))
            return;
        read_converted(tx, *of_struct, encoding, expected, context, reply);
    });
}

Reply Place::ask_version(Transaction& tx, const Question& question, std::string_view version,
                         const ReadContext& context) {
    Reply reply;
    auto& name = *question.name;
    // As of an older snapshot there is mostly something to look back at.
    const bool look_back = name.changed || context.snapshot != snapshot();
    const auto& plan = get_point_plan(name, look_back ? index::Reach::Any : index::Reach::Newest);
    index::bind(values_, {name.record.id, question.element, question.at, context.snapshot, version});
    auto cursor = tx.query(plan.sql, values_);
    if (!cursor->next()) {
        throw Error(ErrorCode::Internal, {"the winner's statement returned no row", name.record.name, "", "", ""});
    }
    auto stretch = index::read_point_stretch(*cursor, name.record.axis);
    if (stretch.changed) {
        cursor.reset();
        name.changed = true;
        return ask_version(tx, question, version, context);
    }
    reply.winner = std::move(stretch.answer);
    const auto& winner = reply.winner.record;
    if (!winner || winner->data_id == 0) return reply;

    auto schema = plan.of_struct->find(winner->schema_id);
    constexpr int kEncoding = PointPlan::kFirstJoined - 2;
    const bool missing = cursor->is_null(kEncoding);
    const auto encoding = missing ? Storage::Bytes : static_cast<Storage>(cursor->integer(kEncoding));
    const auto num_rows = static_cast<std::uint64_t>(winner->num_rows);
    const bool joined =
        schema != nullptr && !missing && encoding == plan.joined &&
        (encoding == Storage::Columns ? num_rows <= plan.most_rows
                                      : store::chunk_count(*schema->canonical, num_rows) <= store::kJoinedChunks);
    if (!joined) {
        // Stored in the other form, longer than what is joined, or its columns are not in the statement.
        cursor.reset();
        read_payload(tx, question, context, reply);
        return reply;
    }
    reply.content_hash = to_hex(cursor->bytes(kEncoding + 1));
    convert_for(name, reply.winner, question.element, [&] {
        (void)get_struct(tx, name.record.struct_id);
        read_joined(*cursor, question, context, plan.of_struct, PointPlan::kFirstJoined, plan.joined, true, reply);
    });
    return reply;
}

void Place::bring_to(const NameEntry& name, std::int64_t element, Reply& reply, const DefinitionPtr& layout,
                     const ReadContext& context) {
    if (!reply.plan || reply.plan->asked == layout) return;
    auto with_units = context.options;
    with_units.units = traits_.units.get();
    const auto struct_rules = context.rules_of(layout->name);
    const auto way = struct_rules ? struct_rules->way(*reply.rows.layout, *layout) : std::vector<evolution::RuleStep>();
    with_units.way = &way;
    convert_for(name, reply.winner, element, [&] {
        const auto plan = conversion::ConversionPlan::make(*reply.rows.layout, *layout, with_units);
        const auto& from = reply.rows;
        schema::RowBlock rows{layout, make_row_buffer(layout->size * from.num_rows, context), from.num_rows};
        // In memory all at once.
        const auto at_once = rows.data.is_mapped() || from.data.is_mapped()
                                 ? std::max<std::uint64_t>(1, store::kWholeBytes / (layout->size + from.layout->size))
                                 : rows.num_rows;
        for (std::uint64_t first = 0; first < rows.num_rows; first += at_once) {
            const auto last = std::min(first + at_once, rows.num_rows);
            reply.losses += plan->run(from.row(first), rows.row(first), last - first, first).losses;
            from.data.let_go(first * from.layout->size, last * from.layout->size);
            rows.data.let_go(first * layout->size, last * layout->size);
        }
        reply.rows = std::move(rows);
        reply.plan = get_read_plan(reply.plan->schema, layout, context);
    });
}

void Place::unify(const NameEntry& name, const std::vector<std::int64_t>& elements, std::vector<Reply>& replies,
                  const ReadContext& context) {
    store::SchemaPtr newest;
    for (const auto& reply : replies) {
        if (reply.plan && (!newest || reply.plan->schema->schema_id > newest->schema_id)) newest = reply.plan->schema;
    }
    for (std::size_t i = 0; i < replies.size(); ++i)
        bring_to(name, elements[i], replies[i], newest ? newest->definition : nullptr, context);
}

namespace {

Provenance make_provenance(const Place& place, const std::string& database, const index::WinnerRecord& winner,
                           std::int64_t element, Axis axis, std::string content_hash) {
    Provenance provenance;
    provenance.database = database;
    provenance.layer = place.connection().place();
    provenance.version = winner.version;
    provenance.element = element;
    provenance.schema = winner.data_id == 0 ? 0 : winner.schema_id;
    provenance.commit = place.is_private() ? 0 : winner.commit;
    provenance.entry_time = Time{place.is_private() ? kMinusInfinity : winner.entry_time};
    provenance.creation_time = Time{winner.creation_time};
    provenance.uid = to_hex(winner.uid);
    provenance.content_hash = std::move(content_hash);
    provenance.record = Interval{axis, winner.begin, winner.end};
    provenance.data_id = winner.data_id;
    return provenance;
}

}  // namespace

Provenance Place::get_provenance(const ElementAnswer& element) {
    const auto tx = connection_->begin(TransactionMode::Read);
    const auto cursor = tx->query(index::provenance_sql(), {element.record});
    if (!cursor->next() || cursor->is_null(0)) {
        throw Error(ErrorCode::Corrupt,
                    {"an interval record is missing", this->name(), fmt::format("ID {} in dataIndex", element.record),
                     "none", "see 'etalon verify'"});
    }
    const auto& records = index::record_table();
    index::WinnerRecord winner;
    winner.id = element.record;
    winner.version = cursor->text(records.at("version"));
    winner.begin = cursor->integer(records.at("beginTime"));
    winner.end = cursor->find_integer(records.at("endTime"));
    winner.schema_id = cursor->integer(records.at("schemaID"));
    winner.num_rows = cursor->integer(records.at("numRows"));
    winner.data_id = cursor->find_integer(records.at("dataID")).value_or(0);
    winner.rows_checksum = winner.data_id == 0
                               ? std::nullopt
                               : cursor->find_integer(records.width() + backends::payload_table().at("rowsChecksum"));
    auto hash = index::read_provenance_cells(*cursor, 0, winner);
    return make_provenance(*this, this->name(), winner, element.element, element.validity.axis, std::move(hash));
}

Answer Place::make_answer(const NameEntry& name, const std::vector<std::int64_t>& elements, Position at,
                          std::vector<Reply> replies, const ReadContext& context, const index::Resolved& as_of) const {
    auto data = std::make_shared<AnswerData>();
    data->snapshot = as_of.commit;
    data->settled = as_of.settled;
    data->name = name.record.name;
    data->struct_name = context.name_of_struct(name.of_struct->record.name);
    data->validity = Interval{at.axis, kMinusInfinity, std::nullopt};
    data->layout = context.definition;
    if (!data->layout && context.schema != 0) data->layout = asked_definition(*name.of_struct, context, nullptr);
    bool holes = false;
    std::size_t bytes = 0;
    data->elements.reserve(replies.size());
    for (std::size_t i = 0; i < replies.size(); ++i) {
        auto& reply = replies[i];
        ElementAnswer one;
        one.element = elements[i];
        one.validity = reply.winner.validity;
        data->validity = intersect(data->validity, one.validity);
        if (const auto& winner = reply.winner.record; winner && !reply.has_provenance) {
            one.record = winner->id;
            one.layer = reply.from != nullptr ? reply.from->number() : number();
            one.status = winner->data_id == 0 ? Status::Hole : Status::Found;
        } else if (winner) {
            one.record = winner->id;
            one.layer = reply.from != nullptr ? reply.from->number() : number();
            one.provenance = make_provenance(reply.from != nullptr ? *reply.from : *this, this->name(), *winner,
                                             elements[i], at.axis, std::move(reply.content_hash));
            one.status = winner->data_id == 0 ? Status::Hole : Status::Found;
        }
        if (one.status == Status::Found) {
            one.first_row = data->num_rows;
            one.num_rows = reply.rows.num_rows;
            data->num_rows += reply.rows.num_rows;
            data->layout = reply.plan->asked;
            bytes += reply.rows.data.size();
            one.losses = reply.losses;
            data->losses += reply.losses;
            one.absent = reply.plan->convert->absent();
            one.truncated = reply.plan->convert->truncated();
            const auto add_all = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
                for (const auto& path : from) {
                    if (std::find(to.begin(), to.end(), path) == to.end()) to.push_back(path);
                }
            };
            add_all(data->absent, one.absent);
            add_all(data->truncated, one.truncated);
        }
        holes = holes || one.status == Status::Hole;
        data->elements.push_back(std::move(one));
    }
    data->status = data->num_rows != 0 ? Status::Found : holes ? Status::Hole : Status::Gap;
    if (data->status == Status::Found && name.record.coverage.complete) {
        const auto& promised = name.record.coverage.elements;
        const bool missing = std::any_of(data->elements.begin(), data->elements.end(), [&](const ElementAnswer& one) {
            return one.status == Status::Gap && std::binary_search(promised.begin(), promised.end(), one.element);
        });
        if (missing) data->status = Status::Incomplete;
    }
    if (replies.size() == 1 && bytes != 0) {
        data->data = share(std::move(replies.front().rows.data));
    } else if (bytes != 0) {
        auto buffer = make_row_buffer(bytes, context);
        std::size_t at_byte = 0;
        for (auto& reply : replies) {
            const auto size = reply.rows.data.size();
            if (size == 0) continue;
            std::memcpy(buffer.data() + at_byte, reply.rows.data.data(), size);
            buffer.let_go(at_byte, at_byte + size);
            reply.rows.data = {};
            at_byte += size;
        }
        data->data = share(std::move(buffer));
    }
    return Answer(std::move(data));
}

Answer Place::fetch(std::string_view wanted, Position at, const FetchOptions& options, const DefinitionPtr& asked,
                    const index::Resolved& as_of, RuleBookPtr rules) {
    if (options.elements.empty()) {
        throw Error(ErrorCode::Usage,
                    {"no element asked for", std::string(wanted), "at least one element", "none", ""});
    }
    ReadContext context{as_of.commit, std::move(rules), asked, options.schema, {}};
    context.options.strict = options.strict;
    context.options.lenient = options.lenient;
    context.provenance = options.provenance.value_or(true);
    context.spool_above = spool_limit(asked);
    context.narrow = !options.fields.empty();
    const bool has_condition = options.where.kind != Condition::Kind::Always;
    const bool single = options.elements.size() == 1 && context.snapshot == snapshot() && !has_condition;
    const auto known = single ? names_.find(wanted) : names_.end();
    auto tx = connection_->begin(known != names_.end() ? TransactionMode::Single : TransactionMode::Read);
    const auto name = known != names_.end() ? known->second : get_name(*tx, wanted, context.snapshot);
    if (name->record.axis != at.axis && !options.any_position) {
        throw Error(ErrorCode::WrongAxis,
                    {"wrong axis", fmt::format("named reference {}", wanted),
                     name->record.axis == Axis::Time ? "a time such as 2019-06-09T13:20:47Z" : "a run number",
                     fmt::format("{} {}", name_of(at.axis), format_position(at)), ""});
    }
    if (!context.definition && context.schema != 0) {
        // By number: the versions of the name's own entry may not be read yet.
        context.definition = asked_definition(*get_struct(*tx, name->record.struct_id), context, nullptr);
    }
    if (has_condition) {
        const auto of_struct = reload_struct(*tx, name->record.struct_id);
        context.where = type_condition(options.where, of_struct->schemas, *traits_.units,
                                       context.rules_of(of_struct->record.name).get());
    }
    const auto& chain = name->get_chain(options.version);
    const Position position{name->record.axis, at.value};
    std::vector<Reply> replies;
    if (options.elements.size() == 1) {
        replies.push_back(
            ask_one(*tx, {name.get(), &chain, options.any_position, options.elements.front(), at.value}, context));
        return make_answer(*name, options.elements, position, std::move(replies), context, as_of);
    }
    std::vector<Question> questions;
    for (const auto element : options.elements) {
        questions.push_back({name.get(), &chain, options.any_position, element, at.value});
    }
    replies = ask_many(*tx, questions, context);
    if (!context.definition && context.schema == 0) unify(*name, options.elements, replies, context);
    return make_answer(*name, options.elements, position, std::move(replies), context, as_of);
}

}  // namespace etalon::place
