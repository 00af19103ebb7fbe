#include "interchange/row_files.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/spool.h"
#include "base/whole_input.h"
#include "schema/rows.h"
#include "text/text.h"

namespace etalon::interchange {

void LoadedRows::move_to(PutRecord& record) && {
    record.layout = std::move(layout);
    record.rows = std::move(rows);
    record.num_rows = num_rows;
}

const std::vector<DefinitionPtr>& Layouts::of(const std::string& struct_name) {
    if (const auto known = layouts_.find(struct_name); known != layouts_.end()) return known->second;
    std::vector<DefinitionPtr> found = {database_.get_definition(struct_name)};
    auto all = database_.get_definitions(struct_name);
    for (auto layout = all.rbegin(); layout != all.rend(); ++layout) {
        if (*layout != found.front()) found.push_back(std::move(*layout));
    }
    return layouts_.emplace(struct_name, std::move(found)).first->second;
}

namespace {

/// Rows that come in pieces: in memory while they are few, then in a file.
class RowCollector {
public:
    explicit RowCollector(DefinitionPtr layout) { loaded_.layout = std::move(layout); }

    void add(schema::RowBlock piece) {
        constexpr std::uint64_t kInMemory = 16ULL * 1024 * 1024;
        loaded_.num_rows += piece.num_rows;
        if (!spool_ && loaded_.num_rows * loaded_.layout->size > kInMemory) {
            spool_.emplace();
            for (auto& kept : pieces_) {
                spool_->append(kept.bytes());
                kept.data = {};
            }
            pieces_.clear();
        }
        if (spool_) return spool_->append(piece.bytes());
        pieces_.push_back(std::move(piece));
    }

    [[nodiscard]] LoadedRows finish() {
        if (loaded_.num_rows == 0) return {};
        loaded_.rows = share(spool_ ? spool_->map() : schema::join(loaded_.layout, std::move(pieces_)).data);
        return std::move(loaded_);
    }

private:
    LoadedRows loaded_;
    std::vector<schema::RowBlock> pieces_;
    std::optional<SpoolFile> spool_;
};

}  // namespace

LoadedRows load_rows(std::istream& in, const std::string& name, const std::vector<DefinitionPtr>& layouts,
                     const LoadHow& how) {
    const auto reader = text::make_row_reader(in, name, how.csv);
    const auto fitting = std::find_if(layouts.begin(), layouts.end(),
                                      [&](const DefinitionPtr& layout) { return reader->fits(*layout); });
    // Without a fitting one the reader says what the current layout misses.
    const auto& layout = fitting == layouts.end() ? layouts.front() : *fitting;
    RowCollector rows(layout);
    text::NamelessValues nameless{how.lenient, 0};
    reader->read(layout, [&](schema::RowBlock piece) { rows.add(std::move(piece)); }, nameless);
    auto loaded = rows.finish();
    loaded.num_nameless = nameless.count;
    return loaded;
}

LoadedRows load_rows(const std::string& path, const std::vector<DefinitionPtr>& layouts, std::istream* standard_input,
                     const LoadHow& how) {
    if (path == "-" && standard_input != nullptr) return load_rows(*standard_input, "standard input", layouts, how);
    auto file = open_input(path, "the file of values cannot be read", "a CSV or JSON file");
    return load_rows(file, path, layouts, how);
}

}  // namespace etalon::interchange
