#include <utility>
#include <vector>

#include "text/readers.h"
#include "text/text.h"

namespace etalon::text {

void RowReader::read(const DefinitionPtr& layout, const TakeRows& take) {
    NamelessValues nameless;
    read(layout, take, nameless);
}

schema::RowBlock RowReader::read(const DefinitionPtr& layout) {
    std::vector<schema::RowBlock> pieces;
    read(layout, [&](schema::RowBlock piece) { pieces.push_back(std::move(piece)); });
    return schema::join(layout, std::move(pieces));
}

std::unique_ptr<RowReader> make_csv_reader(std::istream& in, std::string name, const CsvOptions& options) {
    return make_csv_reader(TextSource(in, std::move(name)), options);
}

std::unique_ptr<RowReader> make_json_reader(std::istream& in, std::string name) {
    return make_json_reader(TextSource(in, std::move(name)));
}

std::unique_ptr<RowReader> make_row_reader(std::istream& in, std::string name, const CsvOptions& options) {
    TextSource source(in, std::move(name));
    const auto first = source.peek_significant();
    const bool is_json = first == '[' || first == '{';
    return is_json ? make_json_reader(std::move(source)) : make_csv_reader(std::move(source), options);
}

}  // namespace etalon::text
