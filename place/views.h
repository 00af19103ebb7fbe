#pragma once
/// Readable SQL views: those of every reference, and those that somebody asks for (etalon/view.h).

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "etalon/view.h"
#include "index/names.h"
#include "place/place.h"
#include "place/write_context.h"
#include "store/catalog.h"
#include "store/relation_names.h"

namespace etalon::place {

/// SQLite reads and parses all views each time a file is opened (100 us for the two of a reference): more than these an
/// SQLite file has when somebody asks for them.
inline constexpr std::size_t kViewsUnasked = 32;

/// Creates, renews or drops the readable views of references to match their policies. Lives as long as the transaction.
class ViewMaker {
public:
    ViewMaker(Place& db, backends::Transaction& tx);
    /// Renews the views of a reference, drops them when it is not stored as columns any more, and makes them when there
    /// are none but may be unasked.
    void add(const index::NameRecord& record, const StructPtr& of_struct);
    /// Makes them, however many there are. The reference is stored as columns.
    void make(const index::NameRecord& record, const StructPtr& of_struct);
    void drop(const index::NameRecord& record);
    /// Records the names of the views: behind the last of them, since each makes an engine prepare its statements anew.
    void finish();

private:
    /// What the views of all references of a struct have in common. The struct can have views.
    [[nodiscard]] const store::ViewColumns& columns_of(const StructPtr& of_struct);

    Place& db_;
    backends::Transaction& tx_;
    store::RelationNames relations_;
    std::map<std::int64_t, std::optional<store::ViewColumns>> columns_;  // by struct
    std::vector<std::pair<std::int64_t, std::string>> names_;            // by reference
    std::optional<std::size_t> there_;                                   // references with views; SQLite only
};

/// Renews the readable views of all references. Takes part in a commit.
void refresh_views(Place& db, backends::Transaction& tx);

/// etalon::set_standard_views.
[[nodiscard]] std::int64_t set_standard_views(Place& db, const StandardViews& which, const WriteContext& context);
/// etalon::create_view, as of a commit of this place (none: it follows).
void create_view(Place& db, const ViewSpec& spec, std::optional<std::int64_t> commit);
/// The views that create_view() made of references of a struct; they do not change with it.
[[nodiscard]] std::vector<std::string> list_views_of_struct(Place& db, std::string_view struct_name);
/// etalon::list_views and drop_view.
[[nodiscard]] std::vector<ViewInfo> list_views(Place& db);
void drop_view(Place& db, std::string_view name);

}  // namespace etalon::place
