#include "interchange/row_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

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

LoadedRows load_rows(std::istream& in, const std::string& name, const std::vector<DefinitionPtr>& layouts) {
    const auto reader = text::make_row_reader(in, name);
    const auto fitting = std::find_if(layouts.begin(), layouts.end(),
                                      [&](const DefinitionPtr& layout) { return reader->fits(*layout); });
    // Without a fitting one the reader says what the current layout misses.
    auto block =
        std::make_shared<schema::RowBlock>(reader->read(fitting == layouts.end() ? layouts.front() : *fitting));
    if (block->num_rows == 0) return {};
    LoadedRows loaded;
    loaded.layout = block->layout;
    loaded.num_rows = block->num_rows;
    loaded.rows = std::shared_ptr<const std::byte>(block, block->data.data());
    return loaded;
}

LoadedRows load_rows(const std::string& path, const std::vector<DefinitionPtr>& layouts, std::istream* standard_input) {
    if (path == "-" && standard_input != nullptr) return load_rows(*standard_input, "standard input", layouts);
    if (std::filesystem::is_directory(path)) {
        throw Error(ErrorCode::BadInput,
                    {"the file of values cannot be read", path, "a CSV or JSON file", "a directory", ""});
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw Error(ErrorCode::BadInput,
                    {"the file of values cannot be read", path, "a CSV or JSON file", std::strerror(errno), ""});
    }
    return load_rows(file, path, layouts);
}

}  // namespace etalon::interchange
