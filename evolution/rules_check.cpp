// Rules against the two layouts that they name.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/nearest.h"
#include "base/number_text.h"
#include "etalon/error.h"
#include "evolution/matching.h"
#include "evolution/rules.h"
#include "schema/value_text.h"

namespace etalon::evolution {
namespace {

constexpr std::size_t kMostProblems = 10;

/// A place as a rule writes it: the element, and the indices behind its path.
struct Place {
    const Element* element = nullptr;
    std::vector<std::uint64_t> index;
    std::optional<std::uint64_t> from;  ///< `[3:]`
};

/// Splits `gain[2][3:]` at the longest path that the layout has: indices of nested structs belong to the path.
std::optional<Place> find_place(const StructDefinition& layout, std::string_view text) {
    std::vector<std::string_view> indices;  // the last one first
    while (true) {
        if (const auto* element = find_element(layout, text)) {
            Place place{element, {}, {}};
            for (auto at = indices.rbegin(); at != indices.rend(); ++at) {
                if (place.from) return std::nullopt;
                const bool open = at->ends_with(':');
                const auto value = parse_integer<std::uint64_t>(open ? at->substr(0, at->size() - 1) : *at);
                if (!value) return std::nullopt;
                open ? void(place.from = *value) : place.index.push_back(*value);
            }
            return place;
        }
        const auto open = text.rfind('[');
        if (!text.ends_with(']') || open == std::string_view::npos) return std::nullopt;
        indices.push_back(text.substr(open + 1, text.size() - open - 2));
        text = text.substr(0, open);
    }
}

/// True when `path` lies below the nested struct `parent`: `pos.x`, `pos[2].x`.
bool is_below(std::string_view path, std::string_view parent) {
    return path.size() > parent.size() && path.starts_with(parent) &&
           (path[parent.size()] == '.' || path[parent.size()] == '[');
}

class Checker {
public:
    Checker(const RuleSet& written, DefinitionPtr older, DefinitionPtr newer)
        : checked_(std::make_shared<CheckedRules>()) {
        checked_->older = std::move(older);
        checked_->newer = std::move(newer);
        checked_->older_name = layout_name(*checked_->older);
        checked_->newer_name = layout_name(*checked_->newer);
        checked_->written = written;
    }

    CheckedRulesPtr check() {
        const auto& written = checked_->written;
        for (const auto& [digits, name, layout] : {std::tuple{&written.from, &checked_->older_name, "from"},
                                                   std::tuple{&written.to, &checked_->newer_name, "to"}}) {
            if (!is_named(*name, *digits)) {
                problem(written.line,
                        fmt::format("{} {} is another layout than {}", layout, *digits, name->substr(0, 12)));
            }
        }
        const auto each = [&](RuleKind kind, auto&& use) {
            for (const auto& rule : written.rules) {
                if (rule.kind == kind) use(rule);
            }
        };
        each(RuleKind::Rename, [&](const Rule& rule) { add_rename(rule); });
        each(RuleKind::Move, [&](const Rule& rule) { add_move(rule); });
        add_declared_renames();
        each(RuleKind::Scale, [&](const Rule& rule) { add_scale(rule); });
        each(RuleKind::Fill, [&](const Rule& rule) { add_fill(rule); });
        each(RuleKind::AllowLoss, [&](const Rule& rule) {
            if (newer_element(rule) != nullptr) checked_->lossy.push_back(rule.to);
        });
        each(RuleKind::Distinct, [&](const Rule& rule) { add_distinct(rule); });
        each(RuleKind::RenameStruct, [&](const Rule& rule) { add_struct_rename(rule); });
        each(RuleKind::DistinctStruct, [&](const Rule& rule) {
            problem(rule.line,
                    fmt::format("'{}' and '{}' are one struct: these are two of its layouts", rule.from, rule.to));
        });
        if (!problems_.empty()) {
            std::string all = problems_.front();
            for (std::size_t i = 1; i < std::min(problems_.size(), kMostProblems); ++i) all += "; " + problems_[i];
            if (problems_.size() > kMostProblems) all += fmt::format("; and {} more", problems_.size() - kMostProblems);
            throw Error(ErrorCode::BadInput, {"rules do not fit the layouts that they name",
                                              fmt::format("{}, struct {}", written.source, written.struct_name), "",
                                              all, "nothing was taken from them"});
        }
        return checked_;
    }

private:
    void problem(std::uint64_t line, const std::string& what) {
        problems_.push_back(fmt::format("line {}: {}", line, what));
    }

    static std::string near(const StructDefinition& layout, std::string_view path) {
        std::vector<std::string> paths;
        for (const auto& element : layout.elements) paths.push_back(element.path);
        const auto text = did_you_mean(path, paths);
        return text.empty() ? "" : ", " + text;
    }

    void unknown(const Rule& rule, const StructDefinition& layout, std::string_view path) {
        problem(rule.line, fmt::format("the {} layout has no element '{}'{}",
                                       &layout == checked_->older.get() ? "old" : "new", path, near(layout, path)));
    }

    const Element* newer_element(const Rule& rule) {
        const auto* element = find_element(*checked_->newer, rule.to);
        if (element == nullptr) unknown(rule, *checked_->newer, rule.to);
        return element;
    }

    void add_link(const Rule& rule, Slot older, Slot newer) {
        const auto clash = std::ranges::find_if(checked_->links, [&](const Link& link) {
            return link.newer.path == newer.path &&
                   (!link.newer.index || !newer.index || link.newer.index == newer.index);
        });
        if (clash != checked_->links.end()) {
            problem(rule.line, fmt::format("'{}' has a second origin, the first is: {}", rule.to, clash->text));
            return;
        }
        checked_->links.push_back(
            {std::move(older), std::move(newer), rule.is_scaled, false, rule.scale, to_text(rule)});
    }

    void add_distinct(const Rule& rule) {
        if (find_element(*checked_->older, rule.from) == nullptr) return unknown(rule, *checked_->older, rule.from);
        if (newer_element(rule) == nullptr) return;
        const auto same = std::ranges::find_if(checked_->links, [&](const Link& link) {
            return !link.by_name && link.older.path == rule.from && link.newer.path == rule.to;
        });
        if (same != checked_->links.end()) {
            problem(rule.line,
                    fmt::format("'{}' and '{}' are said to be one thing, too: {}", rule.from, rule.to, same->text));
            return;
        }
        checked_->distinct.emplace_back(rule.from, rule.to);
    }

    void add_struct_rename(const Rule& rule) {
        for (const auto& [name, layout, which] : {std::tuple{&rule.from, checked_->older.get(), "old"},
                                                  std::tuple{&rule.to, checked_->newer.get(), "new"}}) {
            if (*name == layout->name) continue;
            return problem(rule.line,
                           fmt::format("the {} layout is one of struct {}, not of '{}'", which, layout->name, *name));
        }
        if (rule.from == rule.to) return problem(rule.line, "a struct is renamed to itself");
        if (checked_->renamed_struct) return problem(rule.line, "a second name for the struct");
        checked_->renamed_struct.emplace(rule.from, rule.to);
    }

    void add_rename(const Rule& rule) {
        const bool is_element = find_element(*checked_->older, rule.from) != nullptr;
        if (is_element) {
            if (newer_element(rule) != nullptr) add_link(rule, {rule.from, {}}, {rule.to, {}});
            return;
        }
        bool older = false;
        bool any = false;
        for (const auto& element : checked_->older->elements) {
            if (!is_below(element.path, rule.from)) continue;
            older = true;
            const auto path = rule.to + element.path.substr(rule.from.size());
            if (find_element(*checked_->newer, path) == nullptr) continue;
            any = true;
            add_link(rule, {element.path, {}}, {path, {}});
        }
        if (!older) return unknown(rule, *checked_->older, rule.from);
        if (!any) unknown(rule, *checked_->newer, rule.to);
    }

    /// One value (text): a scalar, or an item of an array.
    std::optional<Slot> value_slot(const Rule& rule, const StructDefinition& layout, const std::string& text,
                                   const Element*& element) {
        const auto place = find_place(layout, text);
        if (!place) {
            unknown(rule, layout, text);
            return std::nullopt;
        }
        element = place->element;
        const auto rank = array_rank(*element);
        if (place->from || place->index.size() != rank) {
            problem(rule.line,
                    fmt::format("'{}' is not one value, {} is {}", text, element->path, describe_type(*element)));
            return std::nullopt;
        }
        for (std::size_t d = 0; d < rank; ++d) {
            if (place->index[d] < element->dims[d]) continue;
            problem(rule.line,
                    fmt::format("'{}' lies outside {}, which is {}", text, element->path, describe_type(*element)));
            return std::nullopt;
        }
        return Slot{element->path, place->index};
    }

    void add_move(const Rule& rule) {
        const Element* from = nullptr;
        const Element* to = nullptr;
        auto older = value_slot(rule, *checked_->older, rule.from, from);
        auto newer = value_slot(rule, *checked_->newer, rule.to, to);
        if (!older || !newer) return;
        if (from->is_text() != to->is_text()) {
            return problem(rule.line, fmt::format("text and numbers do not convert: {} -> {}", describe_type(*from),
                                                  describe_type(*to)));
        }
        if ((is_identity(from->type) || is_identity(to->type)) &&
            (from->type != to->type || from->target != to->target)) {
            return problem(rule.line, fmt::format("{} does not become {}", describe_type(*from), describe_type(*to)));
        }
        if (rule.is_scaled && is_identity(from->type)) {
            return problem(rule.line, fmt::format("a {} has no factor", name_of(from->type)));
        }
        if (rule.is_scaled && (from->is_text() || (!from->enumerators.empty() && !to->enumerators.empty()))) {
            return problem(rule.line, "text and enumerations have no factor");
        }
        add_link(rule, std::move(*older), std::move(*newer));
    }

    /// Renames that the new layout itself declares.
    void add_declared_renames() {
        for (const auto& element : checked_->newer->elements) {
            if (element.renamed_from.empty() || element.renamed_from == element.path) continue;
            if (find_element(*checked_->older, element.renamed_from) == nullptr) continue;
            const bool linked =
                std::ranges::any_of(checked_->links, [&](const Link& link) { return link.newer.path == element.path; });
            if (linked) continue;
            checked_->links.push_back({{element.renamed_from, {}},
                                       {element.path, {}},
                                       false,
                                       false,
                                       {},
                                       "rename " + element.renamed_from + " -> " + element.path});
        }
    }

    void add_scale(const Rule& rule) {
        const auto* to = newer_element(rule);
        if (to == nullptr) return;
        bool is_linked = false;
        bool is_whole = false;
        for (auto& link : checked_->links) {
            if (link.newer.path != to->path) continue;
            is_linked = true;
            is_whole = is_whole || !link.newer.index || link.newer.index->empty();
            if (link.is_scaled) {
                problem(rule.line, fmt::format("'{}' has a second factor, the first is: {}", to->path, link.text));
                continue;
            }
            scale(rule, link, *to);
        }
        const auto* same = find_element(*checked_->older, to->path);
        if (is_whole || (is_linked && (same == nullptr || array_rank(*same) != array_rank(*to)))) return;
        if (same == nullptr) {
            return problem(
                rule.line,
                fmt::format("'{}' has no old value: the old layout has no such element, and no rule says which "
                            "one it was",
                            to->path));
        }
        // Behind the links of single values: those come first.
        Link link{{to->path, {}}, {to->path, {}}, false, true, {}, ""};
        scale(rule, link, *to);
        checked_->links.push_back(std::move(link));
    }

    void scale(const Rule& rule, Link& link, const Element& to) {
        const auto* from = find_element(*checked_->older, link.older.path);
        if (is_identity(to.type) || is_identity(from->type)) {
            return problem(rule.line, fmt::format("a {} has no factor", name_of(from->type)));
        }
        if (to.is_text() || from->is_text() || (!from->enumerators.empty() && !to.enumerators.empty())) {
            return problem(rule.line, "text and enumerations have no factor");
        }
        link.is_scaled = true;
        link.scale = rule.scale;
        link.text += (link.text.empty() ? "" : ", ") + to_text(rule);
    }

    void add_fill(const Rule& rule) {
        const auto place = find_place(*checked_->newer, rule.to);
        if (!place) return unknown(rule, *checked_->newer, rule.to);
        const Element& element = *place->element;
        const auto rank = array_rank(element);
        const auto used = place->index.size() + (place->from ? 1 : 0);
        bool inside = used <= rank;
        for (std::size_t d = 0; inside && d < place->index.size(); ++d) inside = place->index[d] < element.dims[d];
        if (inside && place->from) inside = *place->from < element.dims[used - 1];
        if (!inside) {
            return problem(rule.line, fmt::format("'{}' lies outside {}, which is {}", rule.to, element.path,
                                                  describe_type(element)));
        }
        std::vector<std::byte> scratch(element.bytes());
        if (!schema::write_fill(element, rule.value, scratch.data())) {
            return problem(rule.line, fmt::format("'{}' does not fit {}, which is {}", rule.value, element.path,
                                                  describe_type(element)));
        }
        checked_->fills.push_back({element.path, place->index, place->from, rule.value});
    }

    std::shared_ptr<CheckedRules> checked_;
    std::vector<std::string> problems_;
};

double likeness(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::size_t row_size = b.size() + 1;
    std::vector<std::size_t> row(row_size);
    for (std::size_t j = 0; j < row_size; ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j < row_size; ++j) {
            const std::size_t changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
        }
    }
    const auto longer = std::max(a.size(), b.size());
    return longer == 0 ? 1 : 1 - static_cast<double>(row.back()) / static_cast<double>(longer);
}

}  // namespace

double likeness_of_structs(std::string_view a, std::string_view b) {
    const auto unqualified = [](std::string_view name) {
        const auto colon = name.rfind("::");
        return colon == std::string_view::npos ? name : name.substr(colon + 2);
    };
    return std::max(likeness(a, b), likeness(unqualified(a), unqualified(b)));
}

double likely_renamed(const StructDefinition& older, const StructDefinition& newer) {
    const double alike = likeness_of_structs(older.name, newer.name);
    if (alike < kLeastLikeness || older.name == newer.name) return 0;
    std::size_t same = 0;
    for (const auto& element : newer.elements) {
        const auto* before = find_element(older, element.path);
        if (before != nullptr && before->is_text() == element.is_text() && before->dims.size() == element.dims.size())
            ++same;
    }
    const double share =
        static_cast<double>(same) / static_cast<double>(std::max(older.elements.size(), newer.elements.size()));
    // Of 127 tables of an experiment this asks about the three that were copied from each other.
    return share >= 0.5 && alike + share >= 1 ? alike + share : 0;
}

bool FillValue::covers(const Slot& slot) const {
    if (slot.path != path) return false;
    if (!slot.index) return index.empty() && !from;
    if (slot.index->size() < index.size() || !std::equal(index.begin(), index.end(), slot.index->begin())) return false;
    return !from || (slot.index->size() > index.size() && (*slot.index)[index.size()] >= *from);
}

CheckedRulesPtr check_rules(const RuleSet& rules, DefinitionPtr older, DefinitionPtr newer) {
    return Checker(rules, std::move(older), std::move(newer)).check();
}

std::vector<Rule> propose_renames(const StructDefinition& older, const StructDefinition& newer) {
    const auto matching = match_elements(older, newer);
    struct Candidate {
        double score;
        std::uint32_t from;
        std::uint32_t to;
    };
    std::vector<Candidate> candidates;
    for (std::uint32_t to = 0; to < newer.elements.size(); ++to) {
        if (matching.stored_of[to] != kNoElement) continue;
        for (const auto from : matching.removed) {
            const auto& a = older.elements[from];
            const auto& b = newer.elements[to];
            if (a.is_text() != b.is_text() || array_rank(a) != array_rank(b)) continue;
            const double alike = likeness(a.path, b.path);
            // Neighbours that stayed make an unlike name likely, too.
            const auto neighbours = [&](int step) {
                const auto x = static_cast<std::int64_t>(from) + step;
                const auto y = static_cast<std::int64_t>(to) + step;
                const bool ends = (x < 0 && y < 0) || (x == static_cast<std::int64_t>(older.elements.size()) &&
                                                       y == static_cast<std::int64_t>(newer.elements.size()));
                if (ends) return true;
                if (x < 0 || y < 0 || x >= static_cast<std::int64_t>(older.elements.size()) ||
                    y >= static_cast<std::int64_t>(newer.elements.size()))
                    return false;
                return matching.stored_of[static_cast<std::size_t>(y)] == static_cast<std::uint32_t>(x);
            };
            const int near = (neighbours(-1) ? 1 : 0) + (neighbours(1) ? 1 : 0);
            const bool same_type = a.type == b.type && a.dims == b.dims;
            const bool likely = same_type ? alike >= 0.5 || near == 2 : alike >= 0.7 && near >= 1;
            if (likely) candidates.push_back({alike + 0.3 * near + (same_type ? 0.5 : 0), from, to});
        }
    }
    std::ranges::stable_sort(candidates, std::greater{}, &Candidate::score);
    std::set<std::uint32_t> taken_from;
    std::set<std::uint32_t> taken_to;
    std::map<std::uint32_t, Rule> found;
    for (const auto& one : candidates) {
        if (taken_from.contains(one.from) || taken_to.contains(one.to)) continue;
        taken_from.insert(one.from);
        taken_to.insert(one.to);
        Rule rule;
        rule.from = older.elements[one.from].path;
        rule.to = newer.elements[one.to].path;
        found.emplace(one.to, std::move(rule));
    }
    std::vector<Rule> rules;
    for (auto& [to, rule] : found) rules.push_back(std::move(rule));
    return rules;
}

}  // namespace etalon::evolution
