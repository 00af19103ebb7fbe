#include "place/parameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/name_text.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "params/canonical.h"
#include "place/own_structs.h"
#include "place/writer.h"

namespace etalon::place {
namespace {

PutRecord to_record(const ParameterPut& put) {
    PutRecord record;
    record.name = parameters_reference(put.software, put.set);
    record.version = put.version;
    record.element = put.element;
    record.begin = put.interval.begin;
    record.end = put.interval.end;
    record.created = put.created;
    if (!put.values) return record;
    for (const auto& [name, value] : *put.values) {
        if (const auto fault = find_name_fault(name, "parameter")) throw fault->about(record.name);
    }
    const auto text = std::make_shared<const std::string>(params::to_canonical(*put.values));
    record.layout = parameters_definition();
    record.rows = std::shared_ptr<const std::byte>(text, reinterpret_cast<const std::byte*>(text->data()));
    record.num_rows = text->size();
    return record;
}

/// What a commit would refuse, found before anything is written.
void check(const PutRecord& record, Axis axis) {
    index::check_version_name(record.version);
    if (record.begin != kPlusInfinity && (!record.end || record.begin < *record.end)) return;
    throw Error(ErrorCode::BadInput,
                {"the interval of a parameter set is empty", record.name, "[begin, end) with begin before end",
                 fmt::format("[{}, {})", format_position({axis, record.begin}),
                             record.end ? format_position({axis, *record.end}) : "open"),
                 ""});
}

}  // namespace

CommitResult write_parameters(Place& db, std::span<const ParameterPut> puts, const WriteContext& context) {
    std::vector<PutRecord> records;
    std::vector<NameSpec> specs;
    for (const auto& put : puts) {
        records.push_back(to_record(put));
        const auto& name = records.back().name;
        check(records.back(), put.interval.axis);
        const auto known =
            std::find_if(specs.begin(), specs.end(), [&](const auto& spec) { return spec.name == name; });
        if (known == specs.end()) {
            NameSpec spec;
            spec.name = name;
            spec.struct_name = parameters_definition()->name;
            spec.axis = put.interval.axis;
            spec.storage = Storage::Bytes;
            specs.push_back(std::move(spec));
        } else if (known->axis != put.interval.axis) {
            throw Error(ErrorCode::WrongAxis, {"a parameter set on two axes", name, std::string(name_of(*known->axis)),
                                               std::string(name_of(put.interval.axis)), "a set has one axis"});
        }
    }
    if (!puts.empty()) ensure_own_struct(db, *parameters_definition(), context);
    return write_commit(db, records, specs, context);
}

ParameterAnswer to_parameters(std::string_view software, std::string_view set, const Answer& answer) {
    ParameterAnswer out;
    out.software = software;
    out.set = set;
    out.validity = answer->validity;
    out.snapshot = answer->snapshot;
    out.settled = answer->settled;
    const auto& element = answer->elements.front();
    out.status = element.status;
    out.provenance = element.provenance;
    if (element.status == Status::Found) {
        const auto* text = reinterpret_cast<const char*>(answer->data.get());
        out.values = params::from_canonical({text, answer->num_rows}, answer->name);
    }
    out.values.set_origin(fmt::format("{}/{}", software, set));
    return out;
}

std::vector<ParameterSetInfo> find_parameter_sets(std::span<const NameInfo> names, std::string_view software) {
    std::vector<ParameterSetInfo> sets;
    for (const auto& name : names) {
        auto parts = find_parameters_name(name.name);
        if (!parts || (!software.empty() && parts->software != software)) continue;
        sets.push_back({std::move(parts->software), std::move(parts->set), name.axis, name.records});
    }
    std::sort(sets.begin(), sets.end(),
              [](const auto& a, const auto& b) { return std::tie(a.software, a.set) < std::tie(b.software, b.set); });
    return sets;
}

void throw_no_parameters(std::string_view database, std::string_view software, std::string_view set,
                         std::span<const NameInfo> names) {
    std::vector<std::string> known;
    for (const auto& one : find_parameter_sets(names, {})) known.push_back(one.software + "/" + one.set);
    const auto wanted = fmt::format("{}/{}", software, set);
    const auto near = did_you_mean(wanted, known);
    throw Error(ErrorCode::Unknown,
                {"no parameter set of that name", fmt::format("database {}", database), "", fmt::format("'{}'", wanted),
                 !near.empty()   ? near
                 : known.empty() ? "no parameter sets are recorded; 'etalon params put' makes them"
                                 : "see 'etalon params list'"});
}

}  // namespace etalon::place
