#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/number_text.h"
#include "schema/columns.h"
#include "schema/definition.h"
#include "schema/random_definitions.h"
#include "text/support.h"

namespace {

using namespace etalon;
using test::pick;

/// Bytes that are hard on text: quotes, backslashes, separators, control bytes, halves of UTF-8.
std::byte pick_text_byte() {
    using namespace std::string_view_literals;
    static constexpr auto kHard = "\"\\,\n\r\t\0\x01\x7f\xC3\xA9\xFF '[]{}:xA0"sv;
    return pick(0, 2) == 0 ? static_cast<std::byte>(kHard[pick(0, kHard.size())])
                           : static_cast<std::byte>(pick(0x20, 0x7f));
}

/// Random bits in every value, in the form in which text keeps them: NaN is the quiet NaN, text ends in zeros, bools
/// are 0 or 1, padding is zero.
schema::RowBlock random_rows(const DefinitionPtr& layout, std::uint64_t num_rows) {
    schema::RowBlock block{layout, AlignedBuffer::zeroed(num_rows * layout->size), num_rows};
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    for (std::uint64_t r = 0; r < num_rows; ++r) {
        for (const auto& element : layout->elements) {
            std::byte* const at = block.row(r) + element.offset;
            const std::uint64_t size = size_of(element.type);
            for (std::uint64_t i = 0; i < element.count(); ++i) {
                if (is_identity(element.type)) {
                    const bool is_null = random() % 4 == 0;
                    for (std::uint64_t b = 0; b < size; ++b)
                        at[i * size + b] = is_null ? std::byte{0} : static_cast<std::byte>(random());
                    continue;
                }
                std::uint64_t bits = random();
                if (random() % 4 == 0) bits = 0;
                if (random() % 4 == 0) bits = ~std::uint64_t{0} << (random() % 64);
                if (random() % 8 == 0) bits = 0x7F80'0000 | (random() % 2) << 31U;
                if (random() % 8 == 0) bits = 0x7FF0'0000'0000'0000 | (random() % 2) << 63U;
                if (element.type == ScalarType::Bool) bits &= 1U;
                std::memcpy(at + i * size, &bits, size);
                if (element.type == ScalarType::Float32) {
                    float value = 0;
                    std::memcpy(&value, at + i * size, size);
                    if (std::isnan(value)) value = std::numeric_limits<float>::quiet_NaN();
                    std::memcpy(at + i * size, &value, size);
                } else if (element.type == ScalarType::Float64) {
                    double value = 0;
                    std::memcpy(&value, at + i * size, size);
                    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
                    std::memcpy(at + i * size, &value, size);
                }
            }
            if (!element.is_text()) continue;
            const std::uint64_t capacity = element.dims.back();
            for (std::uint64_t i = 0; i < element.count(); i += capacity) {
                std::memset(at + i, 0, capacity);
                for (std::uint64_t k = 0; k < capacity; ++k) {
                    at[i + k] = pick_text_byte();
                    if (at[i + k] == std::byte{0}) break;
                }
            }
        }
    }
    return block;
}

std::string_view raw(const schema::RowBlock& block) {
    return as_text(block.data.bytes());
}

DefinitionPtr random_layout() {
    test::LayoutOptions options;
    options.packed = pick(0, 3) == 0;
    options.extra_gaps = pick(0, 2) == 0;
    return test::shared(test::random_definition("Sample", options));
}

std::string mutate(std::string text) {
    const auto count = pick(1, 4);
    for (std::uint64_t i = 0; i < count && !text.empty(); ++i) {
        const auto at = pick(0, text.size());
        switch (pick(0, 4)) {
            case 0:
                text.erase(at, pick(1, 5));
                break;
            case 1:
                text.insert(at, 1, static_cast<char>(pick_text_byte()));
                break;
            case 2:
                text[at] = static_cast<char>(pick(0, 256));
                break;
            default:
                text.insert(at, text.substr(pick(0, text.size()), pick(1, 20)));
        }
    }
    return text;
}

}  // namespace

TEST_CASE("random rows of random structs come back bit for bit from CSV, in any layout and order of columns") {
    CHECK(rc::check([] {
        const auto layout = random_layout();
        const auto block = random_rows(layout, pick(0, 4));
        const auto text = test::write_csv(block);
        for (const char c : text) RC_ASSERT(c == '\n' || (c >= 0x20 && c <= 0x7e));
        std::istringstream in(text);
        const auto reader = text::make_row_reader(in, "t.csv");
        RC_ASSERT(reader->fits(*layout));
        RC_ASSERT(reader->columns() == text::csv_columns(*layout));
        const auto back = reader->read(layout);
        RC_ASSERT(back.num_rows == block.num_rows);
        RC_ASSERT(raw(back) == raw(block));

        const auto packed = test::shared(schema::packed(*layout));
        RC_ASSERT(test::write_csv(test::read_csv(packed, text)) == text);

        // The elements in another order are other columns of the same values.
        auto shuffled = *layout;
        std::ranges::reverse(shuffled.elements);
        const schema::RowBlock same{test::shared(shuffled),
                                    [&block] {
                                        AlignedBuffer copy(block.data.size());
                                        if (copy.size() != 0) std::memcpy(copy.data(), block.data.data(), copy.size());
                                        return copy;
                                    }(),
                                    block.num_rows};
        RC_ASSERT(raw(test::read_csv(layout, test::write_csv(same))) == raw(block));
    }));
}

/// A file in JSON is an object of two values: only the definition tells that it is one.
std::vector<std::string> with_files(std::vector<std::string> columns, const StructDefinition& layout) {
    const schema::ColumnIndex index(layout);
    const auto file_of = [&](const std::string& name, std::string_view end) -> std::optional<std::string> {
        if (!name.ends_with(end)) return std::nullopt;
        const auto base = name.substr(0, name.size() - end.size());
        const auto cell = index.find(base);
        return cell && cell->type == ScalarType::File ? std::optional(base) : std::nullopt;
    };
    std::erase_if(columns, [&](const std::string& name) { return file_of(name, ".size").has_value(); });
    for (auto& name : columns) name = file_of(name, ".sha256").value_or(name);
    return columns;
}

TEST_CASE("random rows of random structs come back bit for bit from JSON") {
    CHECK(rc::check([] {
        const auto layout = random_layout();
        const auto block = random_rows(layout, pick(0, 4));
        const auto text = test::write_json(block, pick(0, 2) == 0);
        RC_ASSERT(is_utf8(text));
        RC_ASSERT(nlohmann::json::parse(text).size() == block.num_rows);
        std::istringstream in(text);
        const auto reader = text::make_row_reader(in, "t.json");
        RC_ASSERT(reader->fits(*layout));
        if (block.num_rows != 0) RC_ASSERT(with_files(reader->columns(), *layout) == text::csv_columns(*layout));
        RC_ASSERT(raw(reader->read(layout)) == raw(block));
    }));
}

TEST_CASE("a row that lost or gained a field is always refused") {
    CHECK(rc::check([] {
        const auto layout = random_layout();
        const auto header = text::csv_header(*layout);
        std::string line;
        text::append_csv_row(line, *layout, random_rows(layout, 1).row(0));
        RC_ASSERT(
            test::csv_error(layout, header + '\n' + line + ",0\n").starts_with("row has too many fields, t.csv:2"));
        const auto num_columns = text::csv_columns(*layout).size();
        if (num_columns > 1) {
            const std::string shorter(num_columns - 2, ',');
            RC_ASSERT(test::csv_error(layout, header + '\n' + shorter + "0\n")
                          .starts_with("row has too few fields, t.csv:2"));
        }
    }));
}

TEST_CASE("damaged texts are read or refused, never anything else") {
    CHECK(rc::check([] {
        const auto layout = random_layout();
        const auto block = random_rows(layout, pick(1, 4));
        for (const auto& text : {mutate(test::write_csv(block)), mutate(test::write_json(block))}) {
            std::istringstream in(text);
            try {
                const auto reader = text::make_row_reader(in, "t");
                (void)reader->fits(*layout);
                const auto rows = reader->read(layout);
                // What was read can be written and read again.
                RC_ASSERT(raw(test::read_csv(layout, test::write_csv(rows))) == raw(rows));
            } catch (const Error& error) {
                RC_ASSERT(error.code() == ErrorCode::BadInput);
                RC_ASSERT(std::string_view(error.what()).find(", t:") != std::string_view::npos);
            }
        }
    }));
}

TEST_CASE("long lines and many rows are read through small pieces of input") {
    // Lines end around the borders of the pieces in which the input is read.
    const auto layout = test::shared(
        test::natural({test::element("a", ScalarType::Int32, {7}), test::element("s", ScalarType::Char, {100})}));
    std::mt19937 random(5);
    std::string text = text::csv_header(*layout) + '\n';
    std::uint64_t num_rows = 0;
    while (text.size() < 3'000'000) {
        for (int i = 0; i < 7; ++i) text += std::to_string(static_cast<std::int32_t>(random())) + ',';
        text += '"' + std::string(random() % 100, 'x') + "\"\n";
        ++num_rows;
    }
    const auto block = test::read_csv(layout, text);
    CHECK(block.num_rows == num_rows);
    const bool same = test::write_csv(block) == text;
    CHECK(same);

    const auto wide = test::shared(test::natural({test::element("a", ScalarType::Float32, {24, 100, 96})}));
    std::string line = text::csv_header(*wide) + '\n';
    for (int i = 0; i < 230400; ++i) line += (i == 0 ? "" : ",") + std::to_string(i) + ".5";
    line += '\n';
    const bool same_wide = test::write_csv(test::read_csv(wide, line)) == line;
    CHECK(same_wide);
}
