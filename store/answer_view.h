#pragma once
/// Views that show what a reference answers (etalon/view.h, create_view), as SQL over the stretches of format 2.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backends/port.h"
#include "etalon/interval.h"
#include "store/catalog.h"
#include "store/relation_names.h"

namespace etalon::store {

/// A view to be made.
struct AnswerView {
    std::string name;
    std::string reference;
    std::int64_t name_id = 0;
    Axis axis = Axis::Time;
    std::vector<std::vector<std::string>> chain;  ///< versions by rank, as index::VersionChain has them
    std::optional<std::int64_t> at;               ///< none: all positions
    std::optional<std::int64_t> commit;           ///< none: always the newest
    std::string shows;                            ///< for people; kept with the view
};
/// Makes it. Throws Error(Refused) when a relation has the name. Of a chain of several versions a row costs as much as
/// its element has intervals.
void create_answer_view(backends::Transaction& tx, RelationNames& relations, const AnswerView& view,
                        const ViewColumns& columns);

/// One that was made.
struct AnswerViewName {
    std::string name;
    std::string reference;
    std::string shows;
};
/// In order of name.
[[nodiscard]] std::vector<AnswerViewName> list_answer_views(backends::Transaction& tx);

}  // namespace etalon::store
