#include "differences/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "etalon/error.h"

namespace etalon::differences {
namespace {

/// The digest of all that is found: two stretches with equal ones have the same differences.
class DigestSink final : public RowSink {
public:
    explicit DigestSink(const RowComparison* rows) : rows_(rows) { bytes_.reserve(kAtOnce + 256); }

    void value(const ValueFound& found) override {
        ++count_;
        const auto& member = rows_->members()[found.member];
        add_number(1);
        add_number(found.member);
        add_number(found.value);
        add_number(found.row);
        add_number(found.other_row);
        add_number(static_cast<std::uint64_t>(found.stored));
        add_value(*member.element, member.value_size, found.before);
        add_value(*member.element, member.value_size, found.after);
        add_key(found.key_row);
    }
    void row(DiffKind kind, std::uint64_t row, const std::byte* at) override {
        ++count_;
        add_number(2);
        add_number(static_cast<std::uint64_t>(kind));
        add_number(row);
        add_key(at);
    }
    void status(Status before, Status after) {
        if (before != after) ++count_;
        add_number(3);
        add_number(static_cast<std::uint64_t>(before));
        add_number(static_cast<std::uint64_t>(after));
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] Sha256 finish() {
        digest_.add(bytes_);
        return digest_.finish();
    }

private:
    static constexpr std::size_t kAtOnce = 65536;

    void add(const void* data, std::size_t size) {
        if (bytes_.size() + size > kAtOnce) {
            digest_.add(bytes_);
            bytes_.clear();
        }
        const auto* from = static_cast<const std::byte*>(data);
        bytes_.insert(bytes_.end(), from, from + size);
    }
    void add_number(std::uint64_t number) { add(&number, sizeof number); }
    void add_value(const Element& element, std::uint64_t size, const std::byte* at) {
        if (!element.is_text()) return add(at, size);
        const auto value = load_value(element, at);
        const auto& text = std::get<std::string>(value);
        add_number(text.size());
        add(text.data(), text.size());
    }
    void add_key(const std::byte* row) {
        for (const auto* element : rows_->key()) add_value(*element, element->bytes(), row + element->offset);
    }

    const RowComparison* rows_;
    Sha256Builder digest_;
    std::vector<std::byte> bytes_;
    std::uint64_t count_ = 0;
};

/// Hands on what is found.
class TellingSink final : public RowSink {
public:
    TellingSink(Collector& collector, const RowComparison& rows, const std::vector<std::size_t>& members,
                Difference about)
        : collector_(collector), rows_(rows), members_(members), difference_(std::move(about)) {
        for (const auto* element : rows.key()) key_members_.push_back(element->path);
        difference_.key_members = key_members_;
    }

    void value(const ValueFound& found) override {
        const auto& element = *rows_.members()[found.member].element;
        auto& one = difference_;
        one.difference = found.stored == Stored::Both ? difference_of(element, found.before, found.after)
                                                      : DiffNumber(NoValue{});
        collector_.measure(members_[found.member], one.difference);
        one.kind = DiffKind::Value;
        if (collector_.has_visitor()) {
            one.member = &element;
            one.value = found.value;
            one.row = found.row;
            one.other_row = rows_.key().empty() ? std::nullopt : std::optional(found.other_row);
            one.before = found.stored == Stored::After ? DiffValue(NoValue{}) : load_value(element, found.before);
            one.after = found.stored == Stored::Before ? DiffValue(NoValue{}) : load_value(element, found.after);
            set_key(found.key_row);
        }
        collector_.tell(one);
    }
    void row(DiffKind kind, std::uint64_t row, const std::byte* at) override {
        auto& one = difference_;
        one.kind = kind;
        one.member = nullptr;
        one.value = 0;
        one.row = row;
        one.other_row.reset();
        one.before = kind == DiffKind::RowRemoved ? DiffValue("row") : DiffValue(NoValue{});
        one.after = kind == DiffKind::RowAdded ? DiffValue("row") : DiffValue(NoValue{});
        one.difference = NoValue{};
        set_key(at);
        collector_.tell(one);
    }

private:
    void set_key(const std::byte* row) {
        key_.clear();
        for (const auto* element : rows_.key()) key_.push_back(load_value(*element, row + element->offset));
        difference_.key = key_;
    }

    Collector& collector_;
    const RowComparison& rows_;
    const std::vector<std::size_t>& members_;
    Difference difference_;
    std::vector<std::string> key_members_;
    std::vector<DiffValue> key_;
};

/// The earlier of two ends; none is later than all.
std::optional<std::int64_t> earlier(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
    if (!a) return b;
    return b ? std::min(*a, *b) : a;
}

}  // namespace

void Collector::tell(const Difference& difference) {
    ++report_.differences;
    report_.equal = false;
    switch (difference.kind) {
        case DiffKind::Value:
            break;
        case DiffKind::RowAdded:
            ++report_.rows_added;
            break;
        case DiffKind::RowRemoved:
            ++report_.rows_removed;
            break;
        case DiffKind::Status:
            ++report_.statuses;
            break;
        case DiffKind::NodeAdded:
        case DiffKind::NodeRemoved:
        case DiffKind::NodeChanged:
            ++report_.nodes;
            break;
        case DiffKind::RecordAdded:
        case DiffKind::RecordRetired:
        case DiffKind::RecordReplaced:
            ++report_.records;
            break;
    }
    if (visit_) visit_(difference);
}

std::vector<std::size_t> Collector::members_of(const std::string& path, const StructDefinition& layout) {
    std::vector<std::size_t> members;
    for (const auto& element : layout.elements) {
        const auto [at, is_new] = known_.try_emplace({path, element.path}, stats_.size());
        if (is_new) {
            auto& stats = stats_.emplace_back();
            stats.path = path;
            stats.member = element.path;
        }
        members.push_back(at->second);
    }
    return members;
}

void Collector::measure(std::size_t member, const DiffNumber& difference) {
    auto& stats = stats_[member];
    ++stats.differ;
    if (std::holds_alternative<NoValue>(difference)) return;
    ++stats.measured;
    if (const auto* exact = std::get_if<IntegerDifference>(&difference)) {
        stats.is_integer = true;
        stats.largest = std::max(stats.largest, exact->magnitude);
        stats.sum_low += exact->magnitude;
        if (stats.sum_low < exact->magnitude) ++stats.sum_high;
        return;
    }
    const double size = std::fabs(std::get<double>(difference));
    stats.largest_float = std::max(stats.largest_float, size);
    stats.sum += static_cast<long double>(size);
}

void Collector::add_sides(const DiffSideReport& before, const DiffSideReport& after) {
    const auto add = [](DiffSideReport& to, const DiffSideReport& from, bool& mixed) {
        if (to.place.empty()) to.place = from.place;
        // One number is told when it holds for all that was read.
        mixed = mixed || (to.snapshot != 0 && from.snapshot != 0 && to.snapshot != from.snapshot);
        if (to.snapshot == 0) to.snapshot = from.snapshot;
        to.settled = to.settled && from.settled;
        to.losses += from.losses;
        for (const auto& text : from.truncated) {
            if (std::ranges::find(to.truncated, text) == to.truncated.end()) to.truncated.push_back(text);
        }
    };
    add(report_.before, before, mixed_[0]);
    add(report_.after, after, mixed_[1]);
}

DiffReport Collector::finish() {
    for (const auto& stats : stats_) {
        DiffMemberSummary summary;
        summary.path = stats.path;
        summary.member = stats.member;
        summary.values = stats.values;
        summary.differ = stats.differ;
        summary.measured = stats.measured;
        if (stats.measured > 0) {
            const auto number = static_cast<long double>(stats.measured);
            // A member may be an integer in one stretch and a float in another.
            const auto integers = std::ldexp(static_cast<long double>(stats.sum_high), 64) +
                                  static_cast<long double>(stats.sum_low);
            const bool only_integers = stats.is_integer && stats.sum == 0 && stats.largest_float == 0;
            summary.largest = only_integers
                                  ? DiffNumber(IntegerDifference{false, stats.largest})
                                  : DiffNumber(std::max(stats.largest_float, static_cast<double>(stats.largest)));
            summary.mean = static_cast<double>((integers + stats.sum) / number);
        }
        report_.members.push_back(std::move(summary));
    }
    if (mixed_[0]) report_.before.snapshot = 0;
    if (mixed_[1]) report_.after.snapshot = 0;
    return std::move(report_);
}

void check_alike(const SideReader& before, const SideReader& after) {
    const auto& a = before.info();
    const auto& b = after.info();
    const auto where = a.name == b.name ? a.name : a.name + " and " + b.name;
    if (a.struct_name != b.struct_name) {
        throw Error(ErrorCode::Usage, {"the sides have different structs", where, "references of one struct",
                                       a.struct_name + " and " + b.struct_name,
                                       "compare references of the same struct"});
    }
    if (a.axis != b.axis) {
        throw Error(ErrorCode::Usage,
                    {"the sides are on different axes", where, "references of one axis",
                     fmt::format("{} and {}", name_of(a.axis), name_of(b.axis)), "compare references of the same axis"});
    }
}

void Engine::check_options(std::span<const DefinitionPtr> layouts) const {
    check_tolerances(options_.absolute, "--tolerance", layouts);
    check_tolerances(options_.relative, "--relative", layouts);
    check_keys(options_.keys, layouts);
    const auto& range = options_.range;
    if (range && range->end && *range->end <= range->begin) {
        throw Error(ErrorCode::Usage,
                    {"a comparison over an empty range", "", "a begin before the end",
                     fmt::format("[{}, {})", format_position({range->axis, range->begin}),
                                 format_position({range->axis, *range->end})),
                     ""});
    }
}

void Engine::begin_part(std::uint64_t part, std::uint64_t parts) {
    part_ = part;
    parts_ = parts;
    tick();
}

void Engine::tick() const {
    if (progress_) progress_(part_, parts_);
}

void Engine::compare(SideReader& before, SideReader& after, const std::string& path) {
    check_alike(before, after);
    const bool has_position = before.side().at.has_value();
    if (has_position != after.side().at.has_value()) {
        throw Error(ErrorCode::Usage, {"one side has a position and the other none", path, "two positions, or none",
                                       "one", "a range is compared without positions"});
    }
    const auto& chain = before.side().fetch.version;
    version_ = chain == after.side().fetch.version ? chain : std::string();
    Aligner aligner(before, after);
    const bool any_position = before.side().fetch.any_position || after.side().fetch.any_position;
    if (has_position || any_position) {
        compare_at(before, after, path, aligner);
    } else {
        compare_range(before, after, path, aligner);
    }
    collector_.add_sides(before.report(), after.report());
}

std::shared_ptr<const RowComparison> Engine::comparison_of(const Aligned& pair) {
    if (!pair.layout) return nullptr;
    const auto same = [](std::span<const std::string> a, const std::vector<std::string>& b) {
        return std::ranges::equal(a, b);
    };
    if (!comparison_ || comparison_->layout() != pair.layout || !same(pair.rows_before.absent, absent_[0]) ||
        !same(pair.rows_after.absent, absent_[1])) {
        comparison_ =
            std::make_shared<const RowComparison>(pair.layout, pair.rows_before, pair.rows_after, options_, used_);
        absent_ = {std::vector<std::string>(pair.rows_before.absent.begin(), pair.rows_before.absent.end()),
                   std::vector<std::string>(pair.rows_after.absent.begin(), pair.rows_after.absent.end())};
        compared_ = true;
        layouts_.insert(pair.layout->name);
    }
    return comparison_;
}

void Engine::tell(const Aligned& pair, const RowComparison* rows, const std::string& path, std::int64_t element,
                  const std::optional<Interval>& stretch, bool count_values) {
    Difference about;
    about.path = path;
    about.version = version_;
    about.element = element;
    about.stretch = stretch;
    const auto before = pair.before.element().status;
    const auto after = pair.after.element().status;
    if (rows == nullptr) {
        if (before == after) return;
        about.kind = DiffKind::Status;
        about.before = std::string(name_of(before));
        about.after = std::string(name_of(after));
        collector_.tell(about);
        return;
    }
    const auto members = collector_.members_of(path, *rows->layout());
    TellingSink sink(collector_, *rows, members, std::move(about));
    const auto common = rows->run(pair.rows_before, pair.rows_after, sink);
    if (!count_values) return;
    for (std::size_t m = 0; m < members.size(); ++m)
        collector_.add_values(members[m], common * rows->members()[m].compared);
}

void Engine::compare_at(SideReader& before, SideReader& after, const std::string& path, Aligner& aligner) {
    const auto position = [](const SideReader& side) {
        const auto& at = side.side().at;
        return side.side().fetch.any_position ? Position(side.info().axis, kPlusInfinity) : *at;
    };
    const auto& elements = before.side().fetch.elements;
    std::vector<Slice> first;
    std::vector<Slice> second;
    if (elements.size() == 1) {
        first.push_back(before.read(elements.front(), position(before)));
        second.push_back(after.read(elements.front(), position(after)));
    } else {
        first = before.read_all(position(before));
        second = after.read_all(position(after));
    }
    for (std::size_t e = 0; e < elements.size(); ++e) {
        tick();
        const auto pair = aligner.align(std::move(first[e]), std::move(second[e]));
        const auto rows = comparison_of(pair);
        tell(pair, rows.get(), path, elements[e], std::nullopt, true);
    }
}

void Engine::compare_range(SideReader& before, SideReader& after, const std::string& path, Aligner& aligner) {
    const auto axis = before.info().axis;
    const auto range = options_.range.value_or(Interval{axis, kMinusInfinity, std::nullopt});
    if (range.axis != axis) {
        throw Error(ErrorCode::WrongAxis,
                    {"a range on the wrong axis", path,
                     axis == Axis::Time ? "a time such as 2019-06-09T13:20:47Z" : "a run number",
                     axis == Axis::Time ? "runs" : "times", ""});
    }
    const bool by_element = parts_ == 0 && before.side().fetch.elements.size() > 1;
    std::uint64_t done = 0;
    for (const auto element : before.side().fetch.elements) {
        if (by_element) begin_part(done++, before.side().fetch.elements.size());
        Walk walk{path, element, aligner, std::nullopt, std::nullopt};
        std::optional<Slice> first;
        std::optional<Slice> second;
        for (auto at = range.begin;;) {
            tick();
            if (!first) first = before.read(element, Position(axis, at));
            if (!second) second = after.read(element, Position(axis, at));
            const auto end = earlier(first->validity().end, second->validity().end);
            add_stretch(walk, *first, *second, {axis, at, earlier(end, range.end)});
            if (!end || (range.end && *end >= *range.end)) break;
            if (first->validity().end == end) first.reset();
            if (second->validity().end == end) second.reset();
            at = *end;
        }
        flush(walk);
    }
}

void Engine::add_stretch(Walk& walk, const Slice& before, const Slice& after, const Interval& stretch) {
    if (walk.last && walk.last->first.is_same(before) && walk.last->second.is_same(after)) {
        walk.pending->stretch.end = stretch.end;
        return;
    }
    walk.last = {before, after};
    Pending next{walk.aligner.align(before, after), nullptr, stretch, {}, 0};
    next.rows = comparison_of(next.pair);
    DigestSink sink(next.rows.get());
    // What both have is alike in all of them, whatever it is.
    sink.status(before.element().status, after.element().status);
    if (next.rows) {
        const auto common = next.rows->run(next.pair.rows_before, next.pair.rows_after, sink);
        const auto members = collector_.members_of(walk.path, *next.rows->layout());
        for (std::size_t m = 0; m < members.size(); ++m)
            collector_.add_values(members[m], common * next.rows->members()[m].compared);
    }
    next.count = sink.count();
    next.digest = sink.finish();
    auto& pending = walk.pending;
    const auto layout_of = [](const Pending& one) { return one.rows ? one.rows->layout() : nullptr; };
    // Members are told by their place in the layout.
    if (pending && pending->digest == next.digest && (next.count == 0 || same_layout(layout_of(*pending), layout_of(next)))) {
        pending->stretch.end = stretch.end;
        return;
    }
    flush(walk);
    pending = std::move(next);
}

void Engine::flush(Walk& walk) {
    if (walk.pending && walk.pending->count != 0) {
        const auto& one = *walk.pending;
        tell(one.pair, one.rows.get(), walk.path, walk.element, one.stretch, false);
    }
    walk.pending.reset();
}

DiffReport Engine::finish() {
    const auto check = [&](const std::vector<DiffTolerance>& tolerances, std::size_t first, std::string_view option) {
        for (std::size_t i = 0; i < tolerances.size(); ++i) {
            if (tolerances[i].pattern.empty() || used_[first + i]) continue;
            std::string structs;
            for (const auto& name : layouts_) structs += (structs.empty() ? "" : ", ") + name;
            throw Error(ErrorCode::Usage, {"a tolerance fits no member of the layouts that were compared",
                                           fmt::format("{} of {}", option, tolerances[i].pattern),
                                           "a number of " + structs, "",
                                           "another schema version has it: name it as the newer one of the two does"});
        }
    };
    if (compared_) {
        check(options_.absolute, 0, "--tolerance");
        check(options_.relative, options_.absolute.size(), "--relative");
    }
    return collector_.finish();
}

}  // namespace etalon::differences

namespace etalon {

DiffReport find_differences(const DiffSide& before, const DiffSide& after, const DiffOptions& options,
                            const DiffVisitor& visit, const Progress& progress) {
    using namespace differences;
    SideReader first(before, kFirstSide);
    SideReader second(after, kSecondSide);
    check_alike(first, second);
    if (before.fetch.elements != after.fetch.elements) {
        throw Error(ErrorCode::Usage, {"the sides have different elements", before.name, "one list for both", "", ""});
    }
    Engine engine(options, visit, progress);
    auto layouts = first.definitions();
    layouts.insert(layouts.end(), second.definitions().begin(), second.definitions().end());
    engine.check_options(layouts);
    engine.compare(first, second, before.name);
    return engine.finish();
}

}  // namespace etalon
