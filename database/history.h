#pragma once
/// History: the statement over records (index/) and values (store/).

#include <string_view>
#include <vector>

#include "database/impl.h"

namespace etalon::database {

/// See Database::history. The transaction sees one state for several statements.
[[nodiscard]] std::vector<HistoryRecord> list_history(detail::DatabaseImpl& db, backends::Transaction& tx,
                                                      std::string_view name, const HistoryOptions& options);

/// The same for a reference that is known already, as of a commit; options.as_of does not count.
[[nodiscard]] std::vector<HistoryRecord> list_records(detail::DatabaseImpl& db, backends::Transaction& tx,
                                                      const index::NameRecord& name, std::int64_t snapshot,
                                                      const HistoryOptions& options);

}  // namespace etalon::database
