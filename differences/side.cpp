#include "differences/side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "evolution/change.h"
#include "evolution/rule_trace.h"
#include "layers/stack.h"
#include "layers/stack_pool.h"
#include "schema/definition.h"

namespace etalon::differences {
namespace {

Database& database_of(const DiffSide& side) {
    if (side.database != nullptr) return *side.database;
    throw Error(ErrorCode::Usage, {"a side without a database", side.name, "DiffSide::database", "null", ""});
}

NameInfo get_name(Database& database, const std::string& name) {
    if (auto info = database.find_name(name)) return *std::move(info);
    std::vector<std::string> known;
    for (const auto& one : database.names()) known.push_back(one.name);
    throw Error(ErrorCode::Unknown,
                {"no named reference " + name, database.place(), "", "", did_you_mean(name, known)});
}

RowsOfSide rows_of(const Slice& slice, std::string_view what) {
    const auto& element = slice.element();
    return {slice.answer->data, element.first_row * slice.answer->layout->size, element.num_rows, element.absent, what};
}

}  // namespace

bool same_layout(const DefinitionPtr& a, const DefinitionPtr& b) {
    return a == b || (a && b && schema::definition_hash(*a) == schema::definition_hash(*b));
}

bool Slice::is_same(const Slice& other) const {
    const auto& one = element();
    const auto& two = other.element();
    if (one.status != two.status) return false;
    if (one.status != Status::Found) return true;
    if (!same_layout(answer->layout, other.answer->layout) || one.num_rows != two.num_rows || one.absent != two.absent ||
        one.truncated != two.truncated) {
        return false;
    }
    if (one.record != 0 && one.record == two.record && one.layer == two.layer) return true;
    return std::memcmp(answer.row(one.first_row), other.answer.row(two.first_row),
                       one.num_rows * answer->layout->size) == 0;
}

SideReader::SideReader(const DiffSide& side, std::string_view what)
    : side_(side), what_(what), info_(get_name(database_of(side), side.name)), fetch_(side.fetch) {
    fetch_.schema = 0;
    fetch_.provenance = false;
    definitions_ = side.database->get_definitions(info_.struct_name);
    report_.place = side.database->place();
}

void SideReader::note(const Answer& answer) {
    report_.snapshot = answer->snapshot;
    report_.settled = report_.settled && answer->settled;
    report_.losses += answer->losses;
    for (const auto& name : answer->truncated) {
        auto text = side_.name + ": " + name;
        if (std::ranges::find(report_.truncated, text) == report_.truncated.end())
            report_.truncated.push_back(std::move(text));
    }
}

Slice SideReader::read(std::int64_t element, Position at) {
    auto options = fetch_;
    const bool whole = options.layer_unit == LayerUnit::Answer;
    if (!whole) options.elements = {element};
    const auto found = whole ? std::ranges::find(options.elements, element) : options.elements.begin();
    const auto index = static_cast<std::size_t>(found - options.elements.begin());
    Slice slice{side_.database->fetch_rows(side_.name, at, options), index, at};
    note(slice.answer);
    return slice;
}

std::vector<Slice> SideReader::read_all(Position at) {
    auto options = fetch_;
    options.provenance = true;
    const auto answer = side_.database->fetch_rows(side_.name, at, options);
    const ElementAnswer* first = nullptr;
    bool as_stored = true;
    for (const auto& element : answer->elements) {
        if (element.status != Status::Found) continue;
        if (first == nullptr) first = &element;
        as_stored = as_stored && element.layer == first->layer && element.provenance &&
                    element.provenance->schema == first->provenance->schema;
    }
    std::vector<Slice> slices;
    if (as_stored || options.layer_unit == LayerUnit::Answer) {
        note(answer);
        for (std::size_t i = 0; i < answer->elements.size(); ++i) slices.push_back({answer, i, at});
        return slices;
    }
    // Each element as it is stored, not in the newest layout of all.
    for (const auto element : options.elements) slices.push_back(read(element, at));
    return slices;
}

Slice SideReader::read_again(const Slice& slice, const DefinitionPtr& layout) {
    auto options = fetch_;
    if (options.layer_unit == LayerUnit::Element) options.elements = {slice.element().element};
    Slice again{side_.database->fetch_rows(side_.name, slice.at, options, layout),
                options.layer_unit == LayerUnit::Element ? 0 : slice.index, slice.at};
    note(again.answer);
    return again;
}

std::optional<std::size_t> SideReader::age_of(const DefinitionPtr& layout) {
    const auto known = ages_.find(layout.get());
    if (known != ages_.end()) return known->second.second;
    std::optional<std::size_t> age;
    for (std::size_t i = 0; i < definitions_.size() && !age; ++i) {
        if (same_layout(definitions_[i], layout)) age = i;
    }
    ages_[layout.get()] = {layout, age};
    return age;
}

Conversion SideReader::find_conversion(const DefinitionPtr& from, const DefinitionPtr& to,
                                       const FetchOptions& options) {
    return side_.database->impl().read([&](layers::LayerStack& stack) {
        const auto commits = stack.commits_of(side_.name, layers::choice_of(stack.options(), fetch_));
        const auto book = stack.rules_at(commits);
        conversion::PlanOptions how;
        how.strict = options.strict;
        how.lenient = options.lenient;
        how.units = stack.traits().units.get();
        std::vector<evolution::RuleStep> way;
        const evolution::StructRules* rules = nullptr;
        if (book) {
            const auto found = book->find(to->name);
            if (found != book->end()) rules = found->second.get();
        }
        if (rules != nullptr) way = rules->way(*from, *to);
        how.way = &way;
        Conversion result{conversion::ConversionPlan::make(*from, *to, how), {}};
        for (const auto& judged : evolution::judge(*from, *to, how.units, rules)) {
            if (judged.change.kind == evolution::ChangeKind::Removed) result.lost.push_back(judged.change.path);
        }
        const auto& truncated = result.plan->truncated();
        result.lost.insert(result.lost.end(), truncated.begin(), truncated.end());
        return result;
    });
}

std::pair<SideReader*, bool> Aligner::judge(const Slice& before, const Slice& after) {
    const auto& first = before.answer->layout;
    const auto& second = after.answer->layout;
    struct Knows {
        SideReader* side;
        bool both;
        bool second_is_newer;
    };
    const auto ask = [&](SideReader& side) {
        const auto a = side.age_of(first);
        const auto b = side.age_of(second);
        return Knows{&side, a && b, a && b && *b > *a};
    };
    const auto of_before = ask(before_);
    const auto of_after = ask(after_);
    if (!of_before.both && !of_after.both) {
        throw Error(ErrorCode::Conversion,
                    {"no side knows both layouts", fmt::format("struct {} of {}", first->name, before_.info().name),
                     "layouts of one history", fmt::format("{}, {}", before_.report().place, after_.report().place),
                     "register the newer one, with its rules, in the other place; a CSV layer is compared over the place "
                     "that it covers: -d csv:DIRECTORY -d URL"});
    }
    if (of_before.both && of_after.both && of_before.second_is_newer != of_after.second_is_newer) {
        throw Error(ErrorCode::Conversion,
                    {"the places disagree on which layout is newer",
                     fmt::format("struct {} of {}", first->name, before_.info().name), "layouts in one order",
                     fmt::format("{}, {}", before_.report().place, after_.report().place), ""});
    }
    const bool second_is_newer = of_before.both ? of_before.second_is_newer : of_after.second_is_newer;
    if (!of_before.both) return {of_after.side, second_is_newer};
    if (!of_after.both) return {of_before.side, second_is_newer};
    // Of one place, the later snapshot knows the rules of the earlier one, too.
    if (before_.side().database == after_.side().database &&
        before.answer->snapshot != after.answer->snapshot) {
        return {before.answer->snapshot > after.answer->snapshot ? &before_ : &after_, second_is_newer};
    }
    return {second_is_newer ? &after_ : &before_, second_is_newer};
}

void Aligner::convert(Aligned& pair, SideReader& authority, bool convert_before) {
    auto& side = convert_before ? before_ : after_;
    auto& slice = convert_before ? pair.before : pair.after;
    auto& rows = convert_before ? pair.rows_before : pair.rows_after;
    const auto from = slice.answer->layout;
    const auto& to = (convert_before ? pair.after : pair.before).answer->layout;
    const auto where = fmt::format("{} of {}, to compare it in the newer layout", side.side().name, side.what());
    try {
        auto& conversion = conversions_[{from.get(), to.get()}];
        const auto& plan = conversion.plan;
        if (!plan) {
            conversion = authority.find_conversion(from, to, side.side().fetch);
            kept_.push_back(from);
            kept_.push_back(to);
        }
        pair.converted = plan;
        const auto num_rows = slice.element().num_rows;
        AlignedBuffer buffer(to->size * num_rows);
        const auto done = plan->run(slice.answer.row(slice.element().first_row), buffer.data(), num_rows);
        rows = {share(std::move(buffer)), 0, num_rows, plan->absent(), side.what()};
        side.report().losses += done.losses;
        for (const auto& name : conversion.lost) {
            auto text = side.side().name + ": " + name;
            auto& truncated = side.report().truncated;
            if (std::ranges::find(truncated, text) == truncated.end()) truncated.push_back(std::move(text));
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Conversion) throw;
        throw error.within(where);
    }
}

Aligned Aligner::align(Slice before, Slice after) {
    Aligned pair;
    pair.before = std::move(before);
    pair.after = std::move(after);
    if (!pair.before.has_rows() || !pair.after.has_rows()) return pair;
    const auto other = [&] { return !same_layout(pair.before.answer->layout, pair.after.answer->layout); };
    if (other()) {
        const auto [authority, second_is_newer] = judge(pair.before, pair.after);
        auto& older = second_is_newer ? pair.before : pair.after;
        const auto& newer = second_is_newer ? pair.after : pair.before;
        if (!older.element().absent.empty() || !older.element().truncated.empty()) {
            // Not as it is stored: what it lacks is known where it is read.
            auto& side = second_is_newer ? before_ : after_;
            older = side.read_again(older, newer.answer->layout);
        } else {
            pair.rows_before = rows_of(pair.before, before_.what());
            pair.rows_after = rows_of(pair.after, after_.what());
            convert(pair, *authority, second_is_newer);
            pair.layout = newer.answer->layout;
            return pair;
        }
    }
    pair.layout = pair.after.answer->layout;
    pair.rows_before = rows_of(pair.before, before_.what());
    pair.rows_after = rows_of(pair.after, after_.what());
    return pair;
}

}  // namespace etalon::differences
