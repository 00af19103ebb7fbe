// Reading one named reference: one statement per answer where the engine allows it.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/bytes.h"
#include "database/impl.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "store/chunk.h"
#include "store/payload.h"

namespace etalon::detail {

using backends::Cursor;
using backends::Engine;
using backends::Sql;
using backends::Transaction;
using backends::TransactionMode;
using database::Layout;
using database::NameEntry;
using database::PointPlan;
using database::Question;
using database::ReadPlanPtr;
using database::Reply;

namespace {

/// Chunks that are joined to a point read; longer payloads are read on in pieces of bounded size.
constexpr std::int64_t kJoinedChunks = 16;

std::shared_ptr<const PointPlan> make_point_plan(Engine engine, const NameEntry& name, const std::string& chain,
                                                 bool any_position) {
    auto shape = index::PointShape::make(index::parse_chain(chain), name.record, any_position);
    auto plan = std::make_shared<PointPlan>(
        PointPlan{shape, index::PointQuery(shape), std::nullopt, name.record.storage, 0, name.of_struct});
    if (plan->winner.empty()) return plan;
    const auto& record = name.of_struct->record;
    if (name.of_struct->columns.empty()) plan->joined = Storage::Bytes;
    plan->first_joined = static_cast<int>(plan->winner.columns().size()) + 2;
    const bool flat = !plan->winner.flat_from(engine).empty();
    const std::string_view winner = flat ? "w" : "x";
    std::string joined;
    std::string source;
    std::string order;
    if (plan->joined == Storage::Columns) {
        joined = R"(r."rowNumber")";
        for (const auto& column : name.of_struct->columns) joined += ", r." + backends::quote_identifier(column);
        source = fmt::format(R"({} r ON r."dataID" = {}."dataID")", backends::quote_identifier(record.table_name), winner);
        order = R"(r."rowNumber")";
    } else {
        joined = R"(r."chunk", r."bytes")";
        source = fmt::format(R"("bytes" r ON r."dataID" = {}."dataID" AND r."chunk" < {})", winner, kJoinedChunks);
        order = R"(r."chunk")";
    }
    // In SQLite the join is a nested loop over the key (dataID, rowNumber), which is the order; the reader checks it.
    const auto order_by = engine == Engine::Sqlite ? std::string() : " ORDER BY " + order;
    if (flat) {
        plan->sql.emplace(fmt::format(R"(SELECT {}, p."encoding", p."contentHash", {} FROM {}
LEFT JOIN "payload" p ON p."dataID" = w."dataID" LEFT JOIN {}{})",
                                      plan->winner.flat_columns(fmt::format("{0} = 0 OR {0} IS NULL", order)), joined,
                                      plan->winner.flat_from(engine), source, order_by));
        return plan;
    }
    plan->sql.emplace(fmt::format(
        R"(WITH "x" AS MATERIALIZED ({}) SELECT x.*, p."encoding", p."contentHash", {} FROM "x" x
LEFT JOIN "payload" p ON p."dataID" = x."dataID" LEFT JOIN {}{})",
        plan->winner.sql(), joined, source, order_by));
    return plan;
}

[[noreturn]] void bad_row_order(const NameEntry& name, std::int64_t data_id, std::uint64_t expected) {
    throw Error(ErrorCode::Corrupt, {"rows of a payload are missing or too many",
                                     fmt::format("{}, dataID {}", name.record.name, data_id),
                                     fmt::format("row or chunk {}", expected), "another one", ""});
}

/// Converts a block from canonical rows and keeps what was lost.
void convert(Reply& reply, const schema::RowBlock& canonical) {
    const auto& asked = reply.plan->asked;
    reply.rows = {asked, AlignedBuffer(asked->size * canonical.num_rows), canonical.num_rows};
    reply.losses = reply.plan->convert->run(canonical.data.data(), reply.rows.data.data(), canonical.num_rows).losses;
}

/// The place of an error in a request, put in front of what the conversion knows.
[[noreturn]] void rethrow_with_place(const Error& error, const NameEntry& name, const index::WinnerAnswer& winner,
                                     std::int64_t element) {
    auto info = error.info();
    const auto begin = winner.record ? format_position({winner.validity.axis, winner.record->begin}) : std::string();
    info.where = fmt::format("{} element {} begin {} schema {}{}{}", name.record.name, element, begin,
                             winner.record ? winner.record->schema_id : 0, info.where.empty() ? "" : ": ", info.where);
    throw Error(error.code(), std::move(info));
}

}  // namespace

const PointPlan* DatabaseImpl::get_point_plan(NameEntry& name, const std::string& chain, bool any_position) {
    const auto known = name.plans.find(std::pair(chain, any_position));
    if (known != name.plans.end()) return known->second.get();
    return (name.plans[{chain, any_position}] = make_point_plan(connection->engine(), name, chain, any_position)).get();
}

DefinitionPtr DatabaseImpl::asked_definition(const database::StructEntry& of_struct, const Layout& layout,
                                             const store::SchemaPtr& stored) const {
    if (layout.definition) return layout.definition;
    if (layout.schema == 0) return stored ? stored->definition : nullptr;
    const auto schema = of_struct.find(layout.schema);
    if (schema) return schema->definition;
    throw Error(ErrorCode::Unknown, {"no such schema version", fmt::format("struct {}", of_struct.record.name),
                                     fmt::format("a number from 1 to {}", of_struct.schemas.size()),
                                     std::to_string(layout.schema),
                                     fmt::format("see 'etalon schema {}'", of_struct.record.name)});
}

Reply DatabaseImpl::ask_one(Transaction& tx, const Question& question, std::int64_t at_snapshot, const Layout& layout) {
    Reply reply;
    auto& name = *question.name;
    const auto& plan = *question.plan;
    reply.winner.validity = Interval{name.record.axis, kMinusInfinity, std::nullopt};
    if (!plan.sql) return reply;
    plan.winner.bind(values_, name.record.id, question.element, question.at, at_snapshot);
    auto cursor = tx.query(*plan.sql, values_);
    if (!cursor->next()) {
        throw Error(ErrorCode::Internal, {"the winner's statement returned no row", name.record.name, "", "", ""});
    }
    reply.winner = plan.winner.read(*cursor, name.record.axis);
    const auto& winner = reply.winner.record;
    if (!winner || winner->data_id == 0) return reply;

    auto schema = plan.of_struct->find(winner->schema_id);
    const bool columns_known = schema != nullptr;
    if (!schema) {
        // Recorded after this name was looked up: its columns are not in the statement.
        schema = reload_struct(tx, name.record.struct_id)->find(winner->schema_id);
        if (!schema) {
            throw Error(ErrorCode::Corrupt, {"rows of an unknown schema version", name.record.name,
                                             "a recorded schema version", std::to_string(winner->schema_id), ""});
        }
    }
    const int encoding_column = plan.first_joined - 2;
    if (cursor->is_null(encoding_column)) {
        throw Error(ErrorCode::Corrupt, {"the payload of a record is not there", name.record.name,
                                         fmt::format("payload {}", winner->data_id), "none", ""});
    }
    const auto encoding = static_cast<Storage>(cursor->integer(encoding_column));
    reply.content_hash = to_hex(cursor->bytes(encoding_column + 1));
    const auto num_rows = static_cast<std::uint64_t>(winner->num_rows);
    try {
        reply.plan = get_read_plan(schema, asked_definition(*get_struct(tx, name.record.struct_id), layout, schema),
                                   layout.options);
        if (encoding == Storage::Columns && plan.joined == Storage::Columns && columns_known) {
            const auto& target = reply.plan->direct ? reply.plan->asked : schema->canonical;
            schema::RowBlock rows{target, AlignedBuffer::zeroed(target->size * num_rows), num_rows};
            const auto& index = plan.of_struct->column_index.at(winner->schema_id);
            for (std::uint64_t row = 0; row < num_rows; ++row) {
                if ((row != 0 && !cursor->next()) || cursor->is_null(plan.first_joined) ||
                    cursor->integer(plan.first_joined) != static_cast<std::int64_t>(row)) {
                    bad_row_order(name, winner->data_id, row);
                }
                std::byte* at = rows.row(row);
                for (std::size_t i = 0; i < target->elements.size(); ++i) {
                    const auto& element = target->elements[i];
                    cursor->read_cell(plan.first_joined + 1 + index[i], {element.type, element.dims},
                                      at + element.offset);
                }
            }
            if (cursor->next()) bad_row_order(name, winner->data_id, num_rows);
            if (reply.plan->direct) {
                reply.rows = std::move(rows);
            } else {
                convert(reply, rows);
            }
            return reply;
        }
        if (encoding == Storage::Bytes && plan.joined == Storage::Bytes &&
            store::chunk_count(*schema->canonical, num_rows) <= kJoinedChunks) {
            store::ChunkAssembler chunks(*schema, num_rows);
            do {
                if (cursor->is_null(plan.first_joined)) break;
                chunks.add(cursor->integer(plan.first_joined), cursor->bytes(plan.first_joined + 1));
            } while (cursor->next());
            convert(reply, chunks.finish(winner->data_id));
            return reply;
        }
        cursor.reset();
        if (encoding == Storage::Bytes) {
            convert(reply, store::read_bytes(tx, *schema, winner->data_id, num_rows));
        } else {
            convert(reply, store::read_columns(tx, *schema, get_struct(tx, name.record.struct_id)->record.table_name,
                                               schema->canonical, winner->data_id, num_rows));
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Conversion) throw;
        rethrow_with_place(error, name, reply.winner, question.element);
    }
    return reply;
}

void DatabaseImpl::unify(const NameEntry& name, const std::vector<std::int64_t>& elements, std::vector<Reply>& replies,
                         const schema::PlanOptions& options) {
    store::SchemaPtr newest;
    for (const auto& reply : replies) {
        if (reply.plan && (!newest || reply.plan->schema->schema_id > newest->schema_id)) newest = reply.plan->schema;
    }
    auto with_units = options;
    with_units.units = &units;
    for (std::size_t i = 0; i < replies.size(); ++i) {
        auto& reply = replies[i];
        if (!reply.plan || reply.plan->schema->schema_id == newest->schema_id) continue;
        try {
            const auto plan = schema::ConversionPlan::make(*reply.rows.layout, *newest->definition, with_units);
            schema::RowBlock rows{newest->definition, AlignedBuffer(newest->definition->size * reply.rows.num_rows),
                                  reply.rows.num_rows};
            reply.losses += plan->run(reply.rows.data.data(), rows.data.data(), rows.num_rows).losses;
            reply.rows = std::move(rows);
            reply.plan = get_read_plan(reply.plan->schema, newest->definition, options);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Conversion) throw;
            rethrow_with_place(error, name, reply.winner, elements[i]);
        }
    }
}

Answer DatabaseImpl::make_answer(const NameEntry& name, const std::vector<std::int64_t>& elements, Position at,
                                 std::vector<Reply> replies, const Layout& layout) const {
    auto data = std::make_shared<AnswerData>();
    data->name = name.record.name;
    data->struct_name = name.of_struct->record.name;
    data->validity = Interval{at.axis, kMinusInfinity, std::nullopt};
    data->layout = layout.definition;
    if (!data->layout && layout.schema != 0) data->layout = asked_definition(*name.of_struct, layout, nullptr);
    bool holes = false;
    std::size_t bytes = 0;
    data->elements.reserve(replies.size());
    for (std::size_t i = 0; i < replies.size(); ++i) {
        auto& reply = replies[i];
        ElementAnswer one;
        one.element = elements[i];
        one.validity = reply.winner.validity;
        data->validity = intersect(data->validity, one.validity);
        if (const auto& winner = reply.winner.record) {
            Provenance provenance;
            provenance.database = this->name;
            provenance.version = winner->version;
            provenance.element = elements[i];
            provenance.schema = winner->data_id == 0 ? 0 : winner->schema_id;
            provenance.commit = winner->commit;
            provenance.entry_time = Time{winner->entry_time};
            provenance.creation_time = Time{winner->creation_time};
            provenance.uid = to_hex(winner->uid);
            provenance.content_hash = std::move(reply.content_hash);
            provenance.record = Interval{at.axis, winner->begin, winner->end};
            provenance.data_id = winner->data_id;
            one.provenance = std::move(provenance);
            one.status = winner->data_id == 0 ? Status::Hole : Status::Found;
        }
        if (one.status == Status::Found) {
            one.first_row = data->num_rows;
            one.num_rows = reply.rows.num_rows;
            data->num_rows += reply.rows.num_rows;
            data->layout = reply.plan->asked;
            bytes += reply.rows.data.size();
            data->losses += reply.losses;
            const auto add_all = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
                for (const auto& path : from) {
                    if (std::find(to.begin(), to.end(), path) == to.end()) to.push_back(path);
                }
            };
            add_all(data->absent, reply.plan->convert->absent());
            add_all(data->truncated, reply.plan->convert->truncated());
        }
        holes = holes || one.status == Status::Hole;
        data->elements.push_back(std::move(one));
    }
    data->status = data->num_rows != 0 ? Status::Found : holes ? Status::Hole : Status::Gap;
    if (replies.size() == 1 && bytes != 0) {
        auto buffer = std::make_shared<AlignedBuffer>(std::move(replies.front().rows.data));
        const std::byte* begin = buffer->data();
        data->data = std::shared_ptr<const std::byte>(std::move(buffer), begin);
    } else if (bytes != 0) {
        auto buffer = std::make_shared<AlignedBuffer>(bytes);
        std::size_t at_byte = 0;
        for (const auto& reply : replies) {
            if (reply.rows.data.size() == 0) continue;
            std::memcpy(buffer->data() + at_byte, reply.rows.data.data(), reply.rows.data.size());
            at_byte += reply.rows.data.size();
        }
        const std::byte* begin = buffer->data();
        data->data = std::shared_ptr<const std::byte>(std::move(buffer), begin);
    }
    return Answer(std::move(data));
}

std::int64_t DatabaseImpl::resolve(Transaction& tx, const std::optional<AsOf>& as_of) const {
    if (!as_of) return snapshot;
    // A number up to the snapshot is known to exist.
    const auto* number = std::get_if<std::int64_t>(&*as_of);
    if (number != nullptr && *number >= 0 && *number <= snapshot) return *number;
    return index::resolve_as_of(tx, *as_of);
}

Answer DatabaseImpl::fetch(std::string_view wanted, Position at, const FetchOptions& options,
                           const DefinitionPtr& asked) {
    if (options.elements.empty()) {
        throw Error(ErrorCode::Usage, {"no element asked for", std::string(wanted), "at least one element", "none", ""});
    }
    const bool single = options.elements.size() == 1 && !options.as_of;
    const auto known = single ? names_.find(wanted) : names_.end();
    auto tx = connection->begin(known != names_.end() ? TransactionMode::Single : TransactionMode::Read);
    const auto at_snapshot = resolve(*tx, options.as_of);
    const auto name = known != names_.end() ? known->second : get_name(*tx, wanted, at_snapshot);
    if (name->record.axis != at.axis && !options.any_position) {
        throw Error(ErrorCode::WrongAxis,
                    {"wrong axis", fmt::format("named reference {}", wanted),
                     name->record.axis == Axis::Time ? "a time such as 2019-06-09T13:20:47Z" : "a run number",
                     fmt::format("{} {}", name_of(at.axis), format_position(at)), ""});
    }
    Layout layout{asked, options.schema, {}};
    layout.options.strict = options.strict;
    layout.options.lenient = options.lenient;
    const auto* plan = get_point_plan(*name, options.version, options.any_position);
    const Position position{name->record.axis, at.value};
    std::vector<Reply> replies;
    if (options.elements.size() == 1) {
        replies.push_back(ask_one(*tx, {name.get(), plan, options.elements.front(), at.value}, at_snapshot, layout));
        return make_answer(*name, options.elements, position, std::move(replies), layout);
    }
    std::vector<Question> questions;
    for (const auto element : options.elements) questions.push_back({name.get(), plan, element, at.value});
    replies = ask_many(*tx, questions, at_snapshot, layout);
    if (!layout.definition && layout.schema == 0) unify(*name, options.elements, replies, layout.options);
    return make_answer(*name, options.elements, position, std::move(replies), layout);
}

}  // namespace etalon::detail
