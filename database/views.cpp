// SQL views of a database (etalon/view.h).

#include <fmt/format.h>

#include "etalon/database.h"
#include "etalon/error.h"
#include "etalon/view.h"
#include "layers/stack_pool.h"
#include "layers/stack_writes.h"
#include "place/views.h"

namespace etalon {
namespace {

/// The only place of a database that is one.
place::Place& only_place(layers::LayerStack& stack) {
    if (!stack.several()) return stack.home();
    throw Error(ErrorCode::Usage,
                {"an SQL view belongs to one place", fmt::format("database {}", stack.name()), "one layer",
                 fmt::format("{} layers", stack.layers().size()), "name the layer alone with -d"});
}

}  // namespace

std::int64_t set_standard_views(Database& database, const StandardViews& which, const CommitInfo& info) {
    return database.impl().write([&](layers::LayerStack& stack) {
        return place::set_standard_views(stack.target(), which, place::WriteContext(info));
    });
}

void create_view(Database& database, const ViewSpec& spec) {
    database.impl().write([&](layers::LayerStack& stack) {
        auto& place = only_place(stack);
        std::optional<std::int64_t> commit;
        if (spec.as_of) commit = stack.commits_of(spec.reference, {spec.as_of, {}}).commits.at(0);
        place::create_view(place, spec, commit);
        return 0;
    });
}

std::vector<ViewInfo> list_views(Database& database) {
    return database.impl().read([&](layers::LayerStack& stack) { return place::list_views(only_place(stack)); });
}

void drop_view(Database& database, std::string_view name) {
    database.impl().write([&](layers::LayerStack& stack) {
        place::drop_view(only_place(stack), name);
        return 0;
    });
}

}  // namespace etalon
