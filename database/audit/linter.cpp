// Each layer by itself, and the promise of coverage as a reader of all layers sees it.

#include "database/audit/linter.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "etalon/error.h"
#include "index/lint.h"
#include "layers/stack.h"

namespace etalon::database {

using backends::Transaction;
using backends::TransactionMode;
using layers::LayerStack;

namespace {

/// The lint is about what is recorded, not about the snapshot that reads use.
constexpr std::int64_t kLatest = kPlusInfinity;

/// What the coverage of one name is judged by: over all layers.
struct Promise {
    index::NameRecord name;  // as the lowest layer that knows it has it
    std::string chain_text;
    std::set<std::string, std::less<>> chain;
    std::map<std::int64_t, std::vector<Interval>> valid;  // by element
    std::set<std::string> other_versions;                 // that have records
};

Promise make_promise(const LayerStack& stack, index::NameRecord name) {
    Promise promise;
    promise.name = std::move(name);
    promise.chain_text = stack.options().version.empty() ? "default" : stack.options().version;
    for (const auto& rank : index::parse_chain(promise.chain_text).ranks) {
        promise.chain.insert(rank.begin(), rank.end());
    }
    return promise;
}

void add_series(Promise& promise, std::int64_t element, const std::string& version,
                std::span<const index::LintRecord> records) {
    if (!promise.chain.contains(version)) {
        promise.other_versions.insert(version);
        return;
    }
    auto& valid = promise.valid[element];
    for (const auto& record : records) valid.push_back({promise.name.axis, record.key.begin, record.key.end});
}

void judge_promise(std::vector<LintFinding>& findings, Promise& promise) {
    if (!promise.name.coverage.complete) return;
    const auto add = [&](LintKind kind, std::int64_t element, const Interval& interval, std::string text) {
        LintFinding finding;
        finding.kind = kind;
        finding.name = promise.name.name;
        finding.version = promise.chain_text;
        finding.element = element;
        finding.interval = interval;
        finding.text = std::move(text);
        findings.push_back(std::move(finding));
    };
    const auto axis = promise.name.axis;
    const auto coverage = format_coverage(promise.name.coverage);
    for (const auto element : promise.name.coverage.elements) {
        const auto valid = promise.valid.find(element);
        if (valid == promise.valid.end()) {
            std::string others;
            for (const auto& version : promise.other_versions) others += (others.empty() ? "" : ", ") + version;
            add(LintKind::MissingElement, element, {axis, kMinusInfinity, std::nullopt},
                fmt::format(
                    "{} promises this element, and there is no record of it{}", coverage,
                    others.empty() ? "" : fmt::format(" in {} (the name also has {})", promise.chain_text, others)));
            continue;
        }
        for (const auto& gap : index::find_gaps(std::move(valid->second))) {
            add(LintKind::Gap, element, gap,
                coverage + " promises this element; nothing is valid here; put a hole if that is meant");
        }
    }
}

}  // namespace

std::vector<LintFinding> lint(LayerStack& stack, std::span<const std::string> names, Time now) {
    std::vector<LintFinding> findings;
    std::map<std::string, Promise> promises;
    std::set<std::string> wanted(names.begin(), names.end());
    std::set<std::string> known;
    // From the bottom up: the lowest layer that knows a name says what it promises.
    for (std::size_t i = stack.layers().size(); i-- > 0;) {
        auto& place = *stack.layers()[i].place;
        const auto tx = place.connection().begin(TransactionMode::Read);
        for (auto& name : index::all_names(*tx, kLatest)) {
            if (!wanted.empty() && !wanted.contains(name.name)) continue;
            known.insert(name.name);
            auto promise = promises.find(name.name);
            if (promise == promises.end()) promise = promises.emplace(name.name, make_promise(stack, name)).first;
            index::visit_series(*tx, name, [&](std::int64_t element, const std::string& version, auto records) {
                if (promise->second.name.coverage.complete) add_series(promise->second, element, version, records);
                for (auto& finding : index::judge_series(name.axis, name.policy, records, now)) {
                    finding.name = name.name;
                    finding.layer = place.connection().place();
                    finding.version = version;
                    finding.element = element;
                    findings.push_back(std::move(finding));
                }
            });
        }
    }
    for (const auto& name : wanted) {
        if (known.contains(name)) continue;
        // Says what the nearest name is.
        auto& place = stack.home();
        const auto tx = place.connection().begin(TransactionMode::Read);
        (void)place.get_name(*tx, name, kLatest);
    }
    for (auto& [name, promise] : promises) judge_promise(findings, promise);
    std::map<std::string, std::size_t> number;  // of the layer, top first
    for (std::size_t i = 0; i < stack.layers().size(); ++i)
        number[stack.layers()[i].place->connection().place()] = i + 1;
    const auto order = [&](const LintFinding& finding) {
        return std::tuple(std::string_view(finding.name), finding.layer.empty() ? 0 : number.at(finding.layer),
                          finding.element, std::string_view(finding.version), finding.kind, finding.interval.begin);
    };
    std::stable_sort(findings.begin(), findings.end(),
                     [&](const LintFinding& a, const LintFinding& b) { return order(a) < order(b); });
    return findings;
}

}  // namespace etalon::database
