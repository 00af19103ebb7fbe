// Building a plan: which bytes move, which are filled, which change.
#include "conversion/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "conversion/plan_program.h"
#include "etalon/error.h"
#include "evolution/law.h"
#include "evolution/matching.h"
#include "evolution/rule_trace.h"
#include "evolution/value_ranges.h"
#include "schema/default_list.h"
#include "schema/value_text.h"

namespace etalon::conversion {
namespace {

/// A copy goes on over so many bytes that something else writes later: one long move beats two short ones.
constexpr std::uint64_t kBridge = 32;

/// `[:][3:]`: the region behind index `from` of dimension `dim`.
std::string region(std::size_t dim, std::uint64_t from) {
    std::string text;
    for (std::size_t i = 0; i < dim; ++i) text += "[:]";
    return text + fmt::format("[{}:]", from);
}

/// What one element needs besides moving.
struct Treatment {
    const schema::UnitConversion* unit = nullptr;
    bool by_name = false;
    bool may_lose = false;
};

/// What rules say of an element besides where it comes from.
struct ByRule {
    schema::UnitConversion scale;  ///< of the value in the unit of the pair's asked element
    bool may_lose = false;
    const std::string* fill = nullptr;
    bool is_partly = false;  ///< what is cut off is told elsewhere
};

class Builder {
public:
    Builder(const StructDefinition& stored, const StructDefinition& asked, const PlanOptions& options)
        : stored_(stored), asked_(asked), options_(options), program_(std::make_shared<ConversionPlan::Program>()) {
        program_->struct_name = asked.name;
        program_->from_size = stored.size;
        program_->to_size = asked.size;
        program_->lenient = options.lenient;
        program_->background.resize(asked.size);
    }

    std::shared_ptr<const ConversionPlan> build() {
        options_.way == nullptr || options_.way->empty() ? add_by_path() : add_by_rules(*options_.way);
        if (options_.strict && !absent_.empty()) {
            std::string names;
            for (const auto& name : absent_) names += (names.empty() ? "" : ", ") + name;
            problems_.push_back("strict, and not stored: " + names);
        }
        if (!problems_.empty()) throw_problems();
        finish();
        return std::make_shared<const ConversionPlan>(program_, std::move(absent_), std::move(truncated_));
    }

private:
    [[noreturn]] void throw_problems() const {
        std::string all;
        for (std::size_t i = 0; i < problems_.size() && i < 10; ++i) all += (i == 0 ? "" : "; ") + problems_[i];
        if (problems_.size() > 10) all += fmt::format("; and {} more", problems_.size() - 10);
        throw Error(ErrorCode::Conversion, {"stored rows cannot be given in the asked layout", "struct " + asked_.name,
                                            "", all, "write a rule, or read them in the stored schema"});
    }

    void add_by_path() {
        const evolution::Matching matching = evolution::match_elements(stored_, asked_);
        for (std::size_t i = 0; i < asked_.elements.size(); ++i) {
            const Element& to = asked_.elements[i];
            if (matching.stored_of[i] == evolution::kNoElement) {
                absent_.push_back(to.path);
                fill_default(to);
            } else {
                add_pair(stored_.elements[matching.stored_of[i]], to);
            }
        }
    }

    void add_by_rules(const std::vector<evolution::RuleStep>& way) {
        const evolution::Origins origins = evolution::trace(stored_, asked_, way, options_.units);
        for (std::size_t i = 0; i < asked_.elements.size(); ++i) {
            const Element& to = asked_.elements[i];
            const evolution::ElementOrigin& origin = origins.elements[i];
            if (!origin.by_value) {
                if (origin.whole.stored == evolution::Origin::kNone) absent_.push_back(to.path);
                add_origin(origin.whole, to, origins.find_partly(origin.whole.stored) != nullptr);
                continue;
            }
            add_values(origin, to);
        }
        for (const auto& partly : origins.partly) {
            for (auto& name : evolution::names_of(stored_.elements[partly.stored], partly.dropped))
                truncated_.push_back(std::move(name));
        }
    }

    /// An element whose values come from here and there.
    void add_values(const evolution::ElementOrigin& origin, const Element& to) {
        std::vector<evolution::ValueRange> missing;
        std::vector<std::optional<PairSteps>> pairs(origin.origins.size());
        for (const auto& run : origin.runs) {
            const evolution::Origin& one = origin.origins[run.origin];
            const bool is_stored = one.stored != evolution::Origin::kNone;
            if (!is_stored) missing.push_back({run.first, run.first + run.count});
            auto& pair = pairs[run.origin];
            if (!is_stored || !pair) {
                const Element values = values_of(to, run.first, run.count);
                if (!is_stored || !one.problem.empty()) {
                    add_origin(one, values, true);
                    continue;
                }
                Element asked = evolution::value_of(to, 0);
                asked.path = values.path;
                asked.unit = one.unit;
                const Element& stored = stored_.elements[one.stored];
                pair = make_steps(evolution::value_of(stored, 0), asked, {one.scale, one.may_lose, nullptr, true});
                if (pair->can_fail()) program_->culprits.push_back(make_culprit(to, pair->step.to_capacity));
                pair->from = stored.offset;
                pair->to = to.offset;
            }
            add_run(*pair, run.index, run.first, run.count);
        }
        for (auto& name : evolution::names_of(to, std::move(missing))) absent_.push_back(std::move(name));
    }

    /// Consecutive values of an element as an element of its own, for defaults and messages.
    static Element values_of(const Element& element, std::uint64_t first, std::uint64_t count) {
        Element values = evolution::value_of(element, first);
        if (count == 1) return values;
        if (element.default_value)
            values.default_value = schema::part_of_default(element, *element.default_value, first, count);
        values.dims.insert(values.dims.begin(), count);
        values.path = fmt::format("{}", fmt::join(evolution::names_of(element, {{first, first + count}}), ", "));
        return values;
    }

    /// `is_partly`: the stored element gives single values, too; those that it loses are told apart.
    void add_origin(const evolution::Origin& origin, const Element& to, bool is_partly) {
        if (!origin.problem.empty()) {
            problems_.push_back(fmt::format("element {}: {}", to.path, origin.problem));
            return;
        }
        const std::string* fill = origin.fill ? &*origin.fill : nullptr;
        if (origin.stored == evolution::Origin::kNone) return fill_default(to, fill);
        Element in_unit = to;
        in_unit.unit = origin.unit;
        add_pair(stored_.elements[origin.stored], in_unit, {origin.scale, origin.may_lose, fill, is_partly});
    }

    void fill_default(const Element& element, const std::string* fill = nullptr) {
        if (fill == nullptr && !element.default_value) return;
        const std::string& text = fill != nullptr ? *fill : *element.default_value;
        std::byte* const out = program_->background.data() + element.offset;
        const bool fits =
            fill != nullptr ? schema::write_fill(element, text, out) : schema::write_default(element, text, out);
        if (!fits) {
            problems_.push_back(fmt::format("element {}: its {} '{}' does not fit {}", element.path,
                                            fill != nullptr ? "fill by an earlier rule" : "default", text,
                                            evolution::describe_type(element)));
        }
    }

    /// Notes a change that the law does not let through.
    void require(evolution::ChangeKind kind, const Element& from, const Element& to) {
        const evolution::Judgement judgement = evolution::judge_change(kind, &from, &to, options_.units);
        if (judgement.verdict < evolution::Verdict::NeedsRule) return;
        problems_.push_back(fmt::format("element {}: {} ({}): {}", to.path, name_of(kind), name_of(judgement.verdict),
                                        judgement.reason));
    }

    /// How values of one element become values of another one.
    struct PairSteps {
        bool refused = false;  ///< the problem is noted
        bool copies = false;
        ConvertStep step;        ///< of one value
        std::uint64_t from = 0;  ///< where the values begin
        std::uint64_t to = 0;

        [[nodiscard]] bool can_fail() const noexcept { return !refused && !copies; }
    };

    PairSteps make_steps(const Element& from, const Element& to, const ByRule& by_rule) {
        const evolution::PairChanges changes = evolution::changes_of(from, to);
        PairSteps pair;
        pair.from = from.offset;
        pair.to = to.offset;
        const std::size_t before = problems_.size();
        if (changes.retyped) require(evolution::ChangeKind::Retyped, from, to);
        if (changes.rank) require(evolution::ChangeKind::RankChanged, from, to);
        if (changes.unit) require(evolution::ChangeKind::UnitChanged, from, to);
        if (changes.enumerators) require(evolution::ChangeKind::EnumChanged, from, to);
        pair.refused = problems_.size() != before;
        if (pair.refused) return pair;

        Treatment treatment;
        std::optional<schema::UnitConversion> unit;
        if (changes.unit) {
            unit = options_.units->conversion(from.unit, to.unit);
        }
        if (!by_rule.scale.is_identity())
            unit = evolution::combined(by_rule.scale, unit.value_or(schema::UnitConversion{}));
        if (unit && !unit->is_identity()) treatment.unit = &*unit;
        treatment.may_lose = by_rule.may_lose;
        treatment.by_name = changes.enumerators && !from.enumerators.empty() && !to.enumerators.empty();
        pair.step = make_step(from, to, treatment);
        pair.copies = pair.step.kind == ConvertKind::Number && from.type == to.type;
        return pair;
    }

    void add_run(const PairSteps& pair, std::uint64_t from_index, std::uint64_t to_index, std::uint64_t count) {
        if (pair.refused) return;
        ConvertStep step = pair.step;
        step.from = pair.from + from_index * step.from_capacity;
        step.to = pair.to + to_index * step.to_capacity;
        step.count = count;
        pair.copies ? add_copy(step.from, step.to, count * step.to_capacity) : add_step(step);
    }

    void add_pair(const Element& from, const Element& to, const ByRule& by_rule = {}) {
        if (!evolution::changes_of(from, to).any() && by_rule.scale.is_identity())
            return add_copy(from.offset, to.offset, to.bytes());
        const PairSteps pair = make_steps(from, to, by_rule);
        if (pair.refused) return;
        note_region(from, to, by_rule);
        if (pair.can_fail()) program_->culprits.push_back(make_culprit(to, pair.step.to_capacity));
        evolution::for_each_common_run(from.dims, to.dims, evolution::array_rank(to),
                                       [&](std::uint64_t in_from, std::uint64_t in_to, std::uint64_t count) {
                                           add_run(pair, in_from, in_to, count);
                                       });
    }

    /// The step for one value; text of unequal capacity and texts of equal one (which copy) have the capacity as size.
    ConvertStep make_step(const Element& from, const Element& to, const Treatment& treatment) {
        ConvertStep step;
        step.from_type = from.type;
        step.to_type = to.type;
        step.from_capacity = from.is_text() ? from.dims.back() : size_of(from.type);
        step.to_capacity = to.is_text() ? to.dims.back() : size_of(to.type);
        step.may_lose = treatment.may_lose;
        if (from.is_text()) {
            if (step.from_capacity == step.to_capacity) return step;
            step.kind = ConvertKind::Text;
            step.can_fail = step.from_capacity > step.to_capacity;
        } else if (treatment.unit != nullptr) {
            step.kind = ConvertKind::Unit;
            step.can_fail = true;
            step.table = program_->units.size();
            program_->units.push_back(*treatment.unit);
        } else if (treatment.by_name) {
            step.kind = ConvertKind::Enumerator;
            step.can_fail = true;
            step.table = program_->enum_maps.size();
            program_->enum_maps.push_back(evolution::match_enumerators(from, to));
        } else {
            step.kernel = number_kernel(from.type, to.type);
            step.can_fail = !evolution::holds_every_value(from.type, to.type);
        }
        return step;
    }

    /// absent and truncated: every dimension that differs that way. Values behind the stored ones get the default.
    void note_region(const Element& from, const Element& to, const ByRule& by_rule) {
        const std::size_t rank = evolution::array_rank(to);
        bool padded = false;
        for (std::size_t d = 0; d < rank; ++d) {
            if (to.dims[d] > from.dims[d]) {
                absent_.push_back(to.path + region(d, from.dims[d]));
                padded = true;
            }
            if (to.dims[d] < from.dims[d] && !by_rule.is_partly)
                truncated_.push_back(from.path + region(d, to.dims[d]));
        }
        if (padded) fill_default(to, by_rule.fill);
    }

    static Culprit make_culprit(const Element& element, std::uint64_t value_bytes) {
        Culprit culprit{element.offset, value_bytes, element.dims, element.path};
        culprit.dims.resize(evolution::array_rank(element));
        return culprit;
    }

    void add_copy(std::uint64_t from, std::uint64_t to, std::uint64_t length) {
        program_->copies.push_back({from, to, length});
    }

    void add_step(const ConvertStep& step) {
        auto& steps = program_->steps;
        if (!steps.empty()) {
            ConvertStep& last = steps.back();
            const bool alike = last.kind == step.kind && last.from_type == step.from_type &&
                               last.to_type == step.to_type && last.from_capacity == step.from_capacity &&
                               last.to_capacity == step.to_capacity && last.may_lose == step.may_lose &&
                               (step.kind == ConvertKind::Number || step.kind == ConvertKind::Text);
            if (alike && last.from + last.count * last.from_capacity == step.from &&
                last.to + last.count * last.to_capacity == step.to) {
                last.count += step.count;
                return;
            }
        }
        steps.push_back(step);
    }

    void finish() {
        Program& program = *program_;
        const auto by_place = [](const auto& a, const auto& b) { return a.to < b.to; };
        const auto sort = [&](auto& list) {
            if (!std::ranges::is_sorted(list, by_place)) std::ranges::sort(list, by_place);
        };
        sort(program.copies);
        sort(program.steps);
        std::ranges::sort(program.culprits, {}, &Culprit::offset);
        find_fills();
        merge_copies();
        const auto& copies = program.copies;
        program.block_copy = program.from_size == program.to_size && copies.size() == 1 &&
                             copies[0].from == copies[0].to && copies[0].length * 2 > program.to_size;
        program.schedule(has_shuffle() && !options_.portable);
    }

    /// What neither a copy nor a step writes.
    void find_fills() {
        Program& program = *program_;
        std::uint64_t done = 0;
        auto copy = program.copies.begin();
        auto step = program.steps.begin();
        const auto write = [&](std::uint64_t at, std::uint64_t length) {
            if (at > done) program.fills.push_back({done, at - done});
            done = std::max(done, at + length);
        };
        while (copy != program.copies.end() || step != program.steps.end()) {
            if (step == program.steps.end() || (copy != program.copies.end() && copy->to < step->to)) {
                write(copy->to, copy->length);
                ++copy;
            } else {
                write(step->to, step->count * step->to_capacity);
                ++step;
            }
        }
        write(program.to_size, 0);
    }

    void merge_copies() {
        std::vector<CopyRun> merged;
        for (const auto& run : program_->copies) {
            if (!merged.empty()) {
                CopyRun& last = merged.back();
                const bool in_step = run.from >= last.from && run.from - last.from == run.to - last.to;
                if (in_step && run.to - (last.to + last.length) <= kBridge) {
                    last.length = run.to + run.length - last.to;
                    continue;
                }
            }
            merged.push_back(run);
        }
        program_->copies = std::move(merged);
    }

    using Program = ConversionPlan::Program;

    const StructDefinition& stored_;
    const StructDefinition& asked_;
    const PlanOptions& options_;
    std::shared_ptr<Program> program_;
    std::vector<std::string> absent_;
    std::vector<std::string> truncated_;
    std::vector<std::string> problems_;
};

std::string describe_step(const ConversionPlan::Program& program, const ConvertStep& step) {
    const auto next = std::ranges::upper_bound(program.culprits, step.to, {}, &Culprit::offset);
    const std::string name = next == program.culprits.begin() ? "" : (next - 1)->path;
    std::string how;
    if (step.kind == ConvertKind::Text) {
        how = fmt::format("text {} x char[{}] -> char[{}]", step.count, step.from_capacity, step.to_capacity);
    } else {
        how = fmt::format("convert {} x {} -> {}", step.count, name_of(step.from_type), name_of(step.to_type));
    }
    if (step.kind == ConvertKind::Enumerator) how += " by name";
    if (step.kind == ConvertKind::Unit) {
        const auto unit = program.units[step.table].flat();
        how += fmt::format(" times {}", unit.scale);
        if (unit.offset != 0) how += fmt::format(" plus {}", unit.offset);
    }
    return fmt::format("{}, offset {} -> {} ({}){}\n", how, step.from, step.to, name, step.can_fail ? ", checked" : "");
}

}  // namespace

std::shared_ptr<const ConversionPlan> ConversionPlan::make(const StructDefinition& stored,
                                                           const StructDefinition& asked, const PlanOptions& options) {
    return Builder(stored, asked, options).build();
}

ConversionPlan::ConversionPlan(std::shared_ptr<const Program> program, std::vector<std::string> absent,
                               std::vector<std::string> truncated)
    : program_(std::move(program)), absent_(std::move(absent)), truncated_(std::move(truncated)) {}

std::string ConversionPlan::explain() const {
    const Program& program = *program_;
    if (is_copy()) return fmt::format("copy rows of {} bytes as they are\n", program.to_size);
    std::string text;
    if (program.block_copy) {
        text = fmt::format("copy rows of {} bytes\n", program.to_size);
    } else {
        for (const auto& run : program.copies) {
            text += fmt::format("copy {} bytes, offset {} -> {}\n", run.length, run.from, run.to);
        }
    }
    for (const auto& run : program.fills) {
        const auto begin = program.background.begin() + static_cast<std::ptrdiff_t>(run.to);
        const bool zero = std::all_of(begin, begin + static_cast<std::ptrdiff_t>(run.length),
                                      [](std::byte b) { return b == std::byte{0}; });
        text += fmt::format("fill {} bytes at offset {} with {}\n", run.length, run.to, zero ? "zero" : "defaults");
    }
    for (const auto& step : program.steps) text += describe_step(program, step);
    for (const auto& name : absent_) text += "absent: " + name + "\n";
    for (const auto& name : truncated_) text += "truncated: " + name + "\n";
    return text;
}

}  // namespace etalon::conversion
