// Names of the enumerators of the public headers.

#include "etalon/answer.h"
#include "etalon/database.h"

namespace etalon {

std::string_view name_of(Status status) noexcept {
    switch (status) {
        case Status::Found: return "Found";
        case Status::Gap: return "Gap";
        case Status::Hole: return "Hole";
        case Status::Incomplete: return "Incomplete";
    }
    return "?";
}

std::string_view name_of(Storage storage) noexcept { return storage == Storage::Columns ? "columns" : "bytes"; }

std::string_view name_of(OrderPolicy policy) noexcept {
    return policy == OrderPolicy::ByBegin ? "by_begin" : "by_creation";
}

std::string_view name_of(NodeType type) noexcept {
    switch (type) {
        case NodeType::Config: return "Config";
        case NodeType::Directory: return "directory";
        case NodeType::Table: return "table";
        case NodeType::Database: return "DB";
    }
    return "?";
}

}  // namespace etalon
