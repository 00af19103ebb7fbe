#pragma once
/// History: the statement over records (index/) and values (store/).

#include <string_view>
#include <vector>

#include "place/place.h"

namespace etalon::place {

/// Database::history of one place, of a reference as of a commit; options.as_of does not count. The transaction sees
/// one state for several statements.
[[nodiscard]] std::vector<HistoryRecord> list_records(Place& db, backends::Transaction& tx,
                                                      const index::NameRecord& name, const HistoryOptions& options,
                                                      const ReadContext& context);

/// Puts records of several layers into the order that is asked for, as one place would list them; equal ones stay as
/// they are.
void sort_history(std::vector<HistoryRecord>& history, const HistoryOptions& options);

}  // namespace etalon::place
