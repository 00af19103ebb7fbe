// The readers of rows: any bytes are an Error(BadInput), or rows that come back from their CSV to the same bytes.
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "etalon/error.h"
#include "tests/fuzz/layouts.h"
#include "text/text.h"

using namespace etalon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto kLayout = std::make_shared<const StructDefinition>(fuzz::older_layout());
    if (size == 0) return 0;
    std::istringstream in(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
    try {
        std::unique_ptr<text::RowReader> reader;
        switch (data[0] % 4) {
            case 0:
                reader = text::make_csv_reader(in, "fuzz");
                break;
            case 1:
                reader = text::make_typed_csv_reader(in, "fuzz");
                break;
            case 2:
                reader = text::make_json_reader(in, "fuzz");
                break;
            default:
                reader = text::make_row_reader(in, "fuzz");
        }
        (void)reader->fits(*kLayout);
        const auto rows = reader->read(kLayout);
        std::string text = text::csv_header(*kLayout) + "\n";
        for (std::uint64_t row = 0; row < rows.num_rows; ++row) {
            text::append_csv_row(text, *kLayout, rows.row(row));
            text += "\n";
        }
        std::istringstream again(text);
        const auto same = text::make_csv_reader(again, "again")->read(kLayout);
        if (same.num_rows != rows.num_rows) std::abort();
        std::string second = text::csv_header(*kLayout) + "\n";
        for (std::uint64_t row = 0; row < same.num_rows; ++row) {
            text::append_csv_row(second, *kLayout, same.row(row));
            second += "\n";
        }
        if (second != text) std::abort();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) std::abort();
    }
    return 0;
}
