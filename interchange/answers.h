#pragma once
/// Answers as JSON, CSV and records (docs/command_line.md says what stands where).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "base/bytes.h"
#include "etalon/answer.h"
#include "etalon/runs.h"
#include "interchange/records.h"

namespace etalon::interchange {

/// What an answer was asked with, as far as its documents say more because of it.
struct AnswerContext {
    std::int64_t schema = 0;          ///< schema version that the rows were asked in; 0: as stored
    bool lenient = false;             ///< conversions with loss were allowed: `losses` is told, also when 0
    bool layered = false;             ///< the database has several layers: `layer` is told
    bool by_run_map = false;          ///< asked through a run map: `run` and `runBegin` are told
    bool enum_names = false;          ///< values of enumerations by their names, where they have one
    std::optional<RunSpan> run = {};  ///< what the run map gave; no value: it has none there, so there is no interval
};

/// True when it is told how many values were changed: loss was allowed, or a rule allowed it.
[[nodiscard]] bool tells_losses(const AnswerData& answer, const AnswerContext& context) noexcept;

/// Writes an answer as a JSON object, with a line end; its rows are written one by one. Of an
/// answer that was read without provenance the parts that tell of records are null.
void write_json(std::ostream& out, const Answer& answer, const AnswerContext& context);
/// Writes the rows as CSV in the layout of the answer, with a column `elementID` in front when several elements were
/// asked for. `layout` is for the header; null writes nothing at all: a header alone would mean a hole.
void write_csv(std::ostream& out, const Answer& answer, const DefinitionPtr& layout, bool enum_names = false);
/// The rows as a JSON list on lines that are indented by `indent`.
[[nodiscard]] std::string rows_json(const Answer& answer, std::size_t indent);

/// The record of every element asked for: element, status, interval, version, ..., the layer when there are several;
/// with `conversions` also what was absent, truncated and lost.
[[nodiscard]] Table element_table(const AnswerData& answer, const AnswerContext& context, bool conversions);

/// Answers over a range, one after the other: begin, end, status, rows, version, ...
[[nodiscard]] Table scan_table();
/// Appends an answer to such a table.
void append_answer(Table& table, const AnswerData& answer);

/// Calls `use(row index, element)` for every row in order. Rows that are in a file leave memory behind it.
template <class Use>
void for_each_row(const AnswerData& answer, Use use) {
    constexpr std::size_t kKept = std::size_t{4} * 1024 * 1024;
    std::size_t kept_from = 0;
    for (const auto& element : answer.elements) {
        for (std::size_t i = 0; i < element.num_rows; ++i) {
            const auto row = element.first_row + i;
            use(row, element.element);
            if ((row - kept_from) * answer.layout->size < kKept) continue;
            let_go(answer.data, kept_from * answer.layout->size, row * answer.layout->size);
            kept_from = row;
        }
    }
}

/// One property of the winners: what `property` gives of their Provenance when all agree, else null.
template <class Property>
[[nodiscard]] Cell common_cell(const AnswerData& answer, Property property) {
    std::optional<Cell> first;
    for (const auto& element : answer.elements) {
        if (!element.provenance) continue;
        Cell here = property(*element.provenance);
        if (first && first->json != here.json) return null_cell();
        first = std::move(here);
    }
    return first.value_or(null_cell());
}
/// The schema version of a record's rows; null of a hole.
[[nodiscard]] Cell schema_cell(const Provenance& record);
/// The commit of a record, and when it was; null in layers of memory and of files, which have none.
[[nodiscard]] Cell commit_cell(const Provenance& record);
[[nodiscard]] Cell entry_cell(const Provenance& record);

}  // namespace etalon::interchange
