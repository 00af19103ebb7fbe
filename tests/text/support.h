#pragma once
/// Reading and writing whole tables as text, for tests.

#include <memory>
#include <sstream>
#include <string>

#include "etalon/error.h"
#include "schema/build.h"
#include "text/text.h"

namespace etalon::test {

inline DefinitionPtr shared(StructDefinition definition) {
    return std::make_shared<const StructDefinition>(std::move(definition));
}

inline schema::RowBlock read_csv(const DefinitionPtr& layout, const std::string& text) {
    std::istringstream in(text);
    return text::make_csv_reader(in, "t.csv")->read(layout);
}

inline schema::RowBlock read_json(const DefinitionPtr& layout, const std::string& text) {
    std::istringstream in(text);
    return text::make_json_reader(in, "t.json")->read(layout);
}

inline std::string write_csv(const schema::RowBlock& block) {
    std::string out = text::csv_header(*block.layout) + '\n';
    for (std::uint64_t i = 0; i < block.num_rows; ++i) {
        text::append_csv_row(out, *block.layout, block.row(i));
        out += '\n';
    }
    return out;
}

inline std::string write_json(const schema::RowBlock& block, bool with_elements = false) {
    std::string out = "[";
    for (std::uint64_t i = 0; i < block.num_rows; ++i) {
        if (i != 0) out += ",\n";
        const auto element = static_cast<std::int64_t>(i);
        text::append_json_row(out, *block.layout, block.row(i), with_elements ? &element : nullptr);
    }
    return out + "]\n";
}

/// The message of the BadInput that the call throws; `no error` when it throws none.
template <class Call>
std::string message_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return (error.code() == ErrorCode::BadInput ? "" : "not BadInput: ") + std::string(error.what());
    }
    return "no error";
}

inline std::string csv_error(const DefinitionPtr& layout, const std::string& text) {
    return message_of([&] { (void)read_csv(layout, text); });
}

inline std::string json_error(const DefinitionPtr& layout, const std::string& text) {
    return message_of([&] { (void)read_json(layout, text); });
}

}  // namespace etalon::test
