// Names of the enumerators of the public headers.

#include <vector>

#include "base/nearest.h"
#include "etalon/answer.h"
#include "etalon/commit.h"
#include "etalon/diff.h"
#include "etalon/error.h"
#include "etalon/history.h"
#include "etalon/reference.h"
#include "etalon/tree.h"

namespace etalon {

namespace {

/// The enumerator of that name among the first `count`, which are numbered from 1.
template <class Enum>
Enum parse_name(std::string_view text, std::uint8_t count, const char* what) {
    std::vector<std::string> known;
    for (std::uint8_t i = 1; i <= count; ++i) {
        const auto one = static_cast<Enum>(i);
        if (name_of(one) == text) return one;
        known.emplace_back(name_of(one));
    }
    std::string list;
    for (const auto& name : known) list += (list.empty() ? "" : ", ") + name;
    throw Error(ErrorCode::Usage,
                {what, "", "one of " + list, "'" + std::string(text) + "'", did_you_mean(text, known)});
}

}  // namespace

std::string_view name_of(Status status) noexcept {
    switch (status) {
        case Status::Found:
            return "Found";
        case Status::Gap:
            return "Gap";
        case Status::Hole:
            return "Hole";
        case Status::Incomplete:
            return "Incomplete";
    }
    return "?";
}

std::string_view name_of(Storage storage) noexcept {
    return storage == Storage::Columns ? "columns" : "bytes";
}

std::string_view name_of(OrderPolicy policy) noexcept {
    return policy == OrderPolicy::ByBegin ? "by_begin" : "by_creation";
}

std::string_view name_of(Touched kind) noexcept {
    switch (kind) {
        case Touched::Reference:
            return "reference";
        case Touched::Struct:
            return "struct";
        case Touched::Node:
            return "node";
        case Touched::Snapshot:
            return "snapshot";
        case Touched::Object:
            return "object";
    }
    return "?";
}

std::string_view name_of(Relation relation) noexcept {
    switch (relation) {
        case Relation::Before:
            return "before";
        case Relation::After:
            return "after";
        case Relation::Misses:
            return "misses";
        case Relation::Throughout:
            return "throughout";
        case Relation::Within:
            return "within";
        case Relation::Overlaps:
            return "overlaps";
        case Relation::Starts:
            return "starts";
        case Relation::Ends:
            return "ends";
    }
    return "?";
}

Relation parse_relation(std::string_view text) {
    return parse_name<Relation>(text, 8, "there is no such relation of intervals");
}

std::string_view name_of(HistoryOrder order) noexcept {
    switch (order) {
        case HistoryOrder::Element:
            return "element";
        case HistoryOrder::Begin:
            return "begin";
        case HistoryOrder::Commit:
            return "commit";
        case HistoryOrder::Entered:
            return "entered";
        case HistoryOrder::Created:
            return "created";
    }
    return "?";
}

HistoryOrder parse_history_order(std::string_view text) {
    return parse_name<HistoryOrder>(text, 5, "records cannot be ordered by that");
}

std::string_view name_of(ValueOp op) noexcept {
    switch (op) {
        case ValueOp::Equal:
            return "=";
        case ValueOp::NotEqual:
            return "!=";
        case ValueOp::Less:
            return "<";
        case ValueOp::LessOrEqual:
            return "<=";
        case ValueOp::Greater:
            return ">";
        case ValueOp::GreaterOrEqual:
            return ">=";
    }
    return "?";
}

std::string_view name_of(NodeType type) noexcept {
    switch (type) {
        case NodeType::Config:
            return "Config";
        case NodeType::Directory:
            return "directory";
        case NodeType::Table:
            return "table";
        case NodeType::Database:
            return "DB";
    }
    return "?";
}

std::string_view name_of(DiffKind kind) noexcept {
    switch (kind) {
        case DiffKind::Value:
            return "value";
        case DiffKind::RowAdded:
            return "row added";
        case DiffKind::RowRemoved:
            return "row removed";
        case DiffKind::Status:
            return "status";
        case DiffKind::NodeAdded:
            return "node added";
        case DiffKind::NodeRemoved:
            return "node removed";
        case DiffKind::NodeChanged:
            return "node changed";
        case DiffKind::RecordAdded:
            return "record added";
        case DiffKind::RecordRetired:
            return "record retired";
        case DiffKind::RecordReplaced:
            return "record replaced";
    }
    return "?";
}

}  // namespace etalon
