#pragma once
/// What was answered, as text: everything that a caller can see of it, so that two texts are equal only for equal
/// answers.

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "etalon/database.h"
#include "etalon/explain.h"
#include "etalon/federation.h"
#include "etalon/lint.h"
#include "params/canonical.h"
#include "schema/definition.h"

namespace etalon::damage {

inline std::string text_of(Time time) {
    return format_time(time);
}
inline std::string text_of(std::int64_t number) {
    return std::to_string(number);
}
inline std::string text_of(const std::string& text) {
    return text;
}
std::string text_of(const Interval&);
std::string text_of(const Provenance&);
std::string text_of(const StructDefinition&);
std::string text_of(const Answer&);
std::string text_of(const HistoryRecord&);
std::string text_of(const CommitRecord&);
std::string text_of(const NodeSpec&);
std::string text_of(const Configuration&);
std::string text_of(const StructInfo&);
std::string text_of(const NameInfo&);
std::string text_of(const SnapshotInfo&);
std::string text_of(const RulesFile&);
std::string text_of(const LintFinding&);
std::string text_of(const CandidateCounts&);
std::string text_of(const Explanation&);
std::string text_of(const ParameterAnswer&);
std::string text_of(const ParameterSetInfo&);
std::string text_of(const RunAnswer&);
std::string text_of(const LayerInfo&);
std::string text_of(const StoredObject&);
template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? text_of(*value) : "none";
}
template <class T>
std::string text_of(const std::vector<T>& values) {
    std::string text = "[";
    for (const auto& value : values) text += text_of(value) + ';';
    return text + ']';
}

inline std::string text_of(const Interval& interval) {
    return fmt::format("{}[{},{})", name_of(interval.axis), interval.begin,
                       interval.end ? std::to_string(*interval.end) : "-");
}

inline std::string text_of(const Provenance& from) {
    return fmt::format(
        "{{{} {} {} element {} schema {} commit {} entered {} created {} uid {} content {} record {} data {}}}",
        from.database, from.layer, from.version, from.element, from.schema, from.commit, from.entry_time.ns,
        from.creation_time.ns, from.uid, from.content_hash, text_of(from.record), from.data_id);
}

inline std::string text_of_bytes(std::span<const std::byte> bytes) {
    if (bytes.size() > 256) return fmt::format("{} bytes {:016x}", bytes.size(), xxh3(bytes));
    std::string text;
    for (const auto byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    return text;
}

inline std::string text_of(const StructDefinition& definition) {
    return schema::to_json(definition);
}

inline std::string text_of(const Answer& answer) {
    std::string text =
        fmt::format("{} {} {} {} snapshot {} settled {} losses {} absent {} truncated {}\n", answer->name,
                    answer->struct_name, name_of(answer->status), text_of(answer->validity), answer->snapshot,
                    answer->settled, answer->losses, text_of(answer->absent), text_of(answer->truncated));
    for (const auto& one : answer->elements) {
        text += fmt::format("  {} {} {} rows {}+{} {} absent {} truncated {} losses {}\n", one.element,
                            name_of(one.status), text_of(one.validity), one.first_row, one.num_rows,
                            text_of(one.provenance), text_of(one.absent), text_of(one.truncated), one.losses);
    }
    if (answer->layout) text += "  as " + text_of(*answer->layout) + '\n';
    if (answer->data && answer->layout)
        text += "  " + text_of_bytes({answer->data.get(), answer->num_rows * answer->layout->size}) + '\n';
    return text;
}

inline std::string text_of(const HistoryRecord& record) {
    return fmt::format(
        "  {} element {} {} schema {} rows {} commit {} retired {} uid {} created {} entered {} {} by {}: {}\n",
        text_of(record.interval), record.element, record.version, record.schema, record.rows, record.commit,
        text_of(record.retired), record.uid, record.created.ns, record.entered.ns, record.layer, record.author,
        record.reason);
}

inline std::string text_of(const CommitRecord& commit) {
    return fmt::format("  {} {} {} {} {} {} records {}\n", commit.commit, commit.entry_time.ns, commit.author,
                       commit.host, commit.program, commit.reason, commit.records);
}

inline std::string text_of(const NodeSpec& node) {
    return fmt::format("  {} key {} {} ref {} db {} version {} elements {} base line {} comment {}\n", node.path,
                       node.key, name_of(node.type), node.ref_name, node.db_name, node.version, node.elements,
                       node.base_line, node.comment);
}

inline std::string text_of(const Configuration& configuration) {
    std::string text = text_of(configuration.validity) + ' ' + text_of(configuration.run_validity) + '\n';
    for (const auto& node : configuration.nodes) {
        text += fmt::format("{} {}{}", node.database, node.depth, text_of(node.node));
        if (node.answer) text += text_of(*node.answer);
    }
    return text;
}

inline std::string text_of(const StructInfo& info) {
    return fmt::format("  {} current {} of {} size {} elements {} binary {} table {}\n", info.name, info.current_schema,
                       info.schemas, info.size, info.elements, info.is_binary, info.table_name);
}

inline std::string text_of(const NameInfo& info) {
    return fmt::format("  {} {} {} {} {} view {} records {} {}\n", info.name, info.struct_name, name_of(info.axis),
                       name_of(info.policy), name_of(info.storage), info.view_name, info.records,
                       format_coverage(info.coverage));
}

inline std::string text_of(const SnapshotInfo& info) {
    std::string text = fmt::format("  {} frozen {} {} {} {} digests {}\n", info.name, info.frozen, info.author,
                                   info.created.ns, info.comment, text_of(info.digests));
    for (const auto& entry : info.entries)
        text += fmt::format("    {} {} {}\n", entry.pattern, entry.place, entry.commit);
    return text;
}

inline std::string text_of(const RulesFile& file) {
    return file.name + ":\n" + file.text;
}

inline std::string text_of(const LintFinding& finding) {
    return fmt::format("  {} {} {} {} {} {} {} {}\n", name_of(finding.kind), finding.name, finding.layer,
                       finding.version, finding.element, text_of(finding.uids), text_of(finding.interval),
                       finding.text);
}

inline std::string text_of(const CandidateCounts& counts) {
    return fmt::format("{} {} {} {} {} {} {} {} {} {}", counts.eligible, counts.ended, counts.begins_later,
                       counts.retired, counts.committed_later, counts.retired_then_valid,
                       counts.committed_later_then_valid, counts.other_versions, counts.other_versions_then_valid,
                       counts.other_elements);
}

inline std::string text_of(const Explanation& why) {
    std::string text = fmt::format("{} {} {} {} settled {} snapshot {}\n", why.name, why.struct_name,
                                   format_position(why.at), why.version, why.settled, why.snapshot);
    for (const auto& element : why.elements) {
        text += fmt::format(" {} {} {} {} {}\n", element.element, name_of(element.status), text_of(element.validity),
                            text_of(element.winner), element.why);
        for (const auto& layer : element.layers) {
            text += fmt::format(" {} knows {} asked {} commit {} {} counts {}\n", layer.layer, layer.knows_name,
                                layer.is_asked, layer.commit, name_of(layer.policy), text_of(layer.counts));
            for (const auto& one : layer.candidates) {
                text += fmt::format("  {} {} rank {} {}{}", name_of(one.state), one.place, one.rank, one.why,
                                    text_of(one.record));
            }
            for (const auto& other : layer.versions)
                text += fmt::format("  {} {} {}\n", other.version, other.records, other.valid);
        }
    }
    return text;
}

inline std::string text_of(const ParameterAnswer& answer) {
    std::string text =
        fmt::format("{} {} {} {} {} snapshot {} settled {}\n", answer.software, answer.set, name_of(answer.status),
                    text_of(answer.validity), text_of(answer.provenance), answer.snapshot, answer.settled);
    return text + "  " + params::to_canonical(answer.values) + '\n';
}

inline std::string text_of(const ParameterSetInfo& info) {
    return fmt::format("  {} {} {} {}\n", info.software, info.set, name_of(info.axis), info.records);
}

inline std::string text_of(const RunAnswer& answer) {
    std::string text = answer.span ? fmt::format("run {} [{}, {})", answer.span->run.number, answer.span->begin.ns,
                                                 text_of(answer.span->end))
                                   : "no run";
    return text + fmt::format(" {} {}\n", text_of(answer.validity), text_of(answer.provenance));
}

inline std::string text_of(const LayerInfo& layer) {
    return fmt::format("  {} written to {} snapshot {} digest {}\n", layer.place, layer.written_to, layer.snapshot,
                       layer.digest);
}

inline std::string text_of(const StoredObject& object) {
    return fmt::format("{{{} {} schema {} commit {} {} entered {} {} {} {} absent {} truncated {} losses {}}}",
                       format_id(object.id), object.struct_name, object.schema, object.commit, object.position,
                       object.entry_time.ns, object.database, object.layer,
                       text_of_bytes({object.row.get(), object.layout->size}), text_of(object.absent),
                       text_of(object.truncated), object.losses);
}

}  // namespace etalon::damage
