#include "damage/damages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace etalon::damage {
namespace {

std::string shown(const Cell& cell) {
    static constexpr const char* kKinds[] = {"NULL", "", "", "text ", "blob ", "", ""};
    const auto kind = std::string(kKinds[static_cast<std::size_t>(cell.kind)]);
    if (cell.kind == Cell::Kind::Null) return kind;
    if (cell.kind != Cell::Kind::Blob)
        return kind + (cell.text.size() > 60 ? cell.text.substr(0, 57) + "..." : cell.text);
    std::string text = kind;
    for (std::size_t i = 0; i < std::min<std::size_t>(cell.text.size(), 16); ++i)
        text += fmt::format("{:02x}", static_cast<unsigned char>(cell.text[i]));
    return text + (cell.text.size() > 16 ? fmt::format("... ({} bytes)", cell.text.size()) : "");
}

class Chooser {
public:
    Chooser(std::vector<Table> tables, const Amount& amount, std::uint64_t seed)
        : tables_(std::move(tables)), amount_(amount), random_(seed) {}

    /// Cells, rows and whole tables.
    std::vector<Damage> rows() {
        for (std::size_t i = 0; i < tables_.size(); ++i) {
            for (std::size_t column = 0; column < tables_[i].columns.size(); ++column) cells(i, column);
            deletions(i);
            additions(i);
            if (!tables_[i].rows.empty()) {
                auto& damage = add(i, Damage::Kind::Empty);
                damage.text = tables_[i].name + ": all rows deleted";
                damage.place = tables_[i].name + " (all rows)";
            }
        }
        return std::move(damages_);
    }

    std::vector<Damage> index_entries(const std::vector<Index>& indexes) {
        for (const auto& index : indexes) {
            for (const auto row : some_rows(index.table)) {
                auto& damage = add(index.table, Damage::Kind::Index);
                damage.row = row;
                damage.index = index.name;
                damage.place = index.name + " (index)";
                damage.text =
                    fmt::format("{}: the entry of row {} of {} is missing", index.name, row, tables_[index.table].name);
            }
        }
        return std::move(damages_);
    }

    std::vector<Damage> file(std::uint64_t size, std::uint64_t page) {
        for (std::size_t i = 0; i < amount_.bits; ++i) {
            // Every third near the begin, where the engine keeps what the whole file hangs on.
            auto& damage = add(0, Damage::Kind::File);
            const auto bit = number(i % 3 == 0 ? std::min(size, 4 * page) * 8 : size * 8);
            damage.file.bits = {bit};
            damage.place = "a bit of the file";
            damage.text = fmt::format("bit {} of byte {} (page {}) flipped", bit % 8, bit / 8, bit / 8 / page + 1);
        }
        for (std::size_t i = 0; i < std::min<std::uint64_t>(amount_.pages, size / page); ++i) {
            auto& damage = add(0, Damage::Kind::File);
            const auto at = size / page <= amount_.pages ? i : number(size / page);
            damage.file.zero_from = at * page;
            damage.file.zero_to = (at + 1) * page;
            damage.place = "a page of the file";
            damage.text = fmt::format("page {} zeroed", at + 1);
        }
        for (std::size_t i = 0; i < amount_.cuts; ++i) {
            auto& damage = add(0, Damage::Kind::File);
            damage.file.cut_at = i % 2 == 0 ? number(size) : number(size / page) * page;
            damage.place = "the end of the file";
            damage.text = fmt::format("cut at {}", damage.file.cut_at);
        }
        return std::move(damages_);
    }

private:
    std::uint64_t number(std::uint64_t below) { return below == 0 ? 0 : random_() % below; }

    Damage& add(std::size_t table, Damage::Kind kind) {
        damages_.emplace_back();
        damages_.back().kind = kind;
        damages_.back().table = table;
        damages_.back().hits_blobs = kind == Damage::Kind::File || has_blobs(table);
        return damages_.back();
    }

    bool has_blobs(std::size_t table) const {
        for (const auto& row : tables_[table].rows) {
            for (const auto& cell : row) {
                if (cell.kind == Cell::Kind::Blob) return true;
            }
        }
        return false;
    }

    /// All rows of a table, or a sample.
    std::vector<std::size_t> some_rows(std::size_t table) {
        std::vector<std::size_t> rows(tables_[table].rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
        if (amount_.everything || rows.size() <= amount_.rows) return rows;
        std::shuffle(rows.begin(), rows.end(), random_);
        rows.resize(amount_.rows);
        std::sort(rows.begin(), rows.end());
        return rows;
    }

    /// A row whose value differs, if there is one.
    std::optional<std::size_t> other_row(std::size_t table, std::size_t column, std::size_t row) {
        const auto& rows = tables_[table].rows;
        for (int tries = 0; tries < 20 && rows.size() > 1; ++tries) {
            const auto other = static_cast<std::size_t>(number(rows.size()));
            if (rows[other][column] != rows[row][column]) return other;
        }
        return std::nullopt;
    }

    /// Other values for a cell that do not come from another row.
    std::vector<Cell> others(const Column& column, const Cell& was) {
        std::vector<Cell> cells;
        if (column.nullable && was.kind != Cell::Kind::Null) cells.push_back({});
        const auto change = [&](Cell::Kind kind, std::string text) { cells.push_back({kind, std::move(text)}); };
        switch (was.kind) {
            case Cell::Kind::Integer: {
                std::int64_t value = 0;
                const auto read = std::from_chars(was.text.data(), was.text.data() + was.text.size(), value);
                if (read.ec != std::errc{} || read.ptr != was.text.data() + was.text.size()) {
                    change(was.kind, "1");
                    break;
                }
                if (value < std::numeric_limits<std::int64_t>::max()) change(was.kind, std::to_string(value + 1));
                if (value > std::numeric_limits<std::int64_t>::min()) change(was.kind, std::to_string(value - 1));
                change(was.kind, "0");
                break;
            }
            case Cell::Kind::Real: {
                const double value = std::strtod(was.text.c_str(), nullptr);
                change(was.kind, fmt::format("{}", column.type == "real" ? static_cast<double>(std::nextafter(
                                                                               static_cast<float>(value), 1e9F))
                                                                         : std::nextafter(value, 1e9)));
                change(was.kind, fmt::format("{}", -value));
                change(was.kind, "0");
                break;
            }
            case Cell::Kind::Text:
                for (const bool digit : {false, true}) {
                    if (auto text = changed_text(was.text, digit)) change(was.kind, *text);
                }
                change(was.kind, "");
                change(was.kind, was.text + ' ');
                break;
            case Cell::Kind::Blob: {
                if (was.text.empty()) {
                    change(was.kind, "x");
                    break;
                }
                auto flipped = was.text;
                flipped[number(flipped.size())] ^= static_cast<char>(1 << number(8));
                change(was.kind, flipped);
                change(was.kind, was.text.substr(0, was.text.size() - 1));
                break;
            }
            case Cell::Kind::Boolean:
                change(was.kind, was.text == "true" ? "false" : "true");
                break;
            case Cell::Kind::Array:
                if (auto text = changed_text(was.text, true)) change(was.kind, *text);
                break;
            case Cell::Kind::Null:
                break;
        }
        std::erase(cells, was);
        return cells;
    }

    /// The text with one letter or digit replaced.
    std::optional<std::string> changed_text(std::string text, bool digit) {
        std::vector<std::size_t> at;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const auto c = static_cast<unsigned char>(text[i]);
            if (digit ? std::isdigit(c) != 0 : std::isalpha(c) != 0) at.push_back(i);
        }
        if (at.empty()) return std::nullopt;
        auto& c = text[at[number(at.size())]];
        c = digit ? static_cast<char>('0' + (c - '0' + 1) % 10)
                  : static_cast<char>(c == 'z'   ? 'y'
                                      : c == 'Z' ? 'Y'
                                                 : c + 1);
        return text;
    }

    void cells(std::size_t table, std::size_t column) {
        std::size_t turn = number(8);
        for (const auto row : some_rows(table)) {
            const auto& was = tables_[table].rows[row][column];
            std::vector<Damage> choice;
            const auto offer = [&](const std::string& what, std::vector<Damage::Step> steps) {
                Damage damage;
                damage.kind = Damage::Kind::Cell;
                damage.table = table;
                damage.steps = std::move(steps);
                damage.hits_blobs = has_blobs(table);
                damage.place = tables_[table].name + '.' + tables_[table].columns[column].name;
                damage.text = fmt::format("{}, row {}: {} {}", damage.place, row, shown(was), what);
                choice.push_back(std::move(damage));
            };
            for (const auto& cell : others(tables_[table].columns[column], was))
                offer("became " + shown(cell), {{row, column, cell}});
            if (const auto other = other_row(table, column, row)) {
                const auto& cell = tables_[table].rows[*other][column];
                offer(fmt::format("became {} of row {}", shown(cell), *other), {{row, column, cell}});
                offer(fmt::format("and {} of row {} changed places", shown(cell), *other),
                      {{row, column, unused(table, column)}, {*other, column, was}, {row, column, cell}});
            }
            const auto count = amount_.everything ? choice.size() : std::min(amount_.changes, choice.size());
            for (std::size_t i = 0; i < count; ++i) damages_.push_back(choice[turn++ % choice.size()]);
        }
    }

    /// A value that no row has there: where one waits while two change places.
    Cell unused(std::size_t table, std::size_t column) {
        const auto& like = tables_[table].rows.front()[column];
        const auto& rows = tables_[table].rows;
        auto kind = like.kind;
        for (const auto& row : rows) {
            if (row[column].kind != Cell::Kind::Null) kind = row[column].kind;
        }
        switch (kind) {
            case Cell::Kind::Integer: {
                std::set<std::string> used;
                for (const auto& row : rows) used.insert(row[column].text);
                int free = 3;
                while (used.contains(std::to_string(free))) ++free;
                return {kind, std::to_string(free)};
            }
            case Cell::Kind::Real:
                return {kind, "12345.5"};
            case Cell::Kind::Boolean:
                return {kind, "true"};
            case Cell::Kind::Array:
                return {kind, "{}"};
            default:
                return {kind, "waiting for another"};
        }
    }

    void deletions(std::size_t table) {
        for (const auto row : some_rows(table)) {
            auto& damage = add(table, Damage::Kind::Delete);
            damage.row = row;
            damage.place = tables_[table].name + " (row deleted)";
            damage.text = fmt::format("{}: row {} deleted: {}", tables_[table].name, row, text_of_row(table, row));
        }
    }

    std::string text_of_row(std::size_t table, std::size_t row) const {
        std::string text;
        for (std::size_t i = 0; i < tables_[table].columns.size(); ++i) {
            const auto& cell = tables_[table].rows[row][i];
            auto one = shown(cell);
            if (one.size() > 24) one = one.substr(0, 21) + "...";
            text += fmt::format("{}{}={}", i == 0 ? "" : " ", tables_[table].columns[i].name, one);
        }
        return text;
    }

    /// A copy of a row under a new key: the only column of the key counts on, of several each in turn is one more.
    void additions(std::size_t table) {
        const auto key = tables_[table].key();
        for (const auto row : some_rows(table)) {
            const auto copy = [&](const std::string& how, std::vector<Cell> cells) {
                auto& damage = add(table, Damage::Kind::Insert);
                damage.values = std::move(cells);
                damage.place = tables_[table].name + " (row added)";
                damage.text =
                    fmt::format("{}: row {} copied{}: {}", tables_[table].name, row, how, text_of_row(table, row));
            };
            auto cells = tables_[table].rows[row];
            if (key.empty()) {
                copy("", cells);
                continue;
            }
            for (const auto column : key) {
                if (cells[column].kind != Cell::Kind::Integer) continue;
                auto changed = cells;
                std::int64_t value = std::strtoll(cells[column].text.c_str(), nullptr, 10);
                if (key.size() == 1) {
                    for (const auto& other : tables_[table].rows)
                        value = std::max<std::int64_t>(value, std::strtoll(other[column].text.c_str(), nullptr, 10));
                }
                if (value == std::numeric_limits<std::int64_t>::max()) continue;
                changed[column].text = std::to_string(value + 1);
                copy(fmt::format(" with {} {}", tables_[table].columns[column].name, value + 1), changed);
            }
        }
    }

    std::vector<Table> tables_;
    Amount amount_;
    std::mt19937_64 random_;
    std::vector<Damage> damages_;
};

}  // namespace

std::vector<Damage> choose_rows(const std::vector<Table>& tables, const Amount& amount, std::uint64_t seed) {
    return Chooser(tables, amount, seed).rows();
}
std::vector<Damage> choose_index_entries(const std::vector<Table>& tables, const std::vector<Index>& indexes,
                                         const Amount& amount, std::uint64_t seed) {
    return Chooser(tables, amount, seed).index_entries(indexes);
}
std::vector<Damage> choose_file(std::uint64_t size, std::uint64_t page, const Amount& amount, std::uint64_t seed) {
    return Chooser({}, amount, seed).file(size, page);
}

}  // namespace etalon::damage
