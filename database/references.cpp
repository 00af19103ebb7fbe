#include "database/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "conversion/canonical.h"
#include "etalon/error.h"
#include "layers/stack_pool.h"
#include "place/objects.h"
#include "schema/definition.h"
#include "schema/references.h"

namespace etalon::database {

using layers::LayerStack;
using layers::NamesOfObjects;
using layers::StackPool;

const std::vector<std::uint32_t>& WantedReferences::targets_of(const StructDefinition& layout) {
    auto [known, is_new] = layouts_.try_emplace(&layout);
    if (is_new) {
        for (const auto& element : layout.elements) {
            known->second.push_back(
                targets_.try_emplace(element.target, static_cast<std::uint32_t>(targets_.size())).first->second);
        }
    }
    return known->second;
}

void WantedReferences::add(const StructDefinition& layout, const std::byte* rows, std::uint64_t num_rows,
                           const std::function<std::string(std::uint64_t row)>& what) {
    const auto& targets = targets_of(layout);
    schema::visit_references(layout, rows, num_rows, [&](const schema::RowReference& reference) {
        if (!seen_.emplace(reference.id, targets[reference.element]).second) return;
        const auto& element = layout.elements[reference.element];
        wanted_.push_back(
            {reference.id, element.target,
             fmt::format("{}, member {}", what(reference.row), schema::member_name(element, reference.item))});
    });
}

std::vector<ObjectId> WantedReferences::ids(const NamesOfObjects& known) const {
    std::set<ObjectId> ids;
    for (const auto& one : wanted_) {
        if (!known.contains(one.id)) ids.insert(one.id);
    }
    return {ids.begin(), ids.end()};
}

void WantedReferences::check(const NamesOfObjects& names) const {
    for (const auto& one : wanted_) {
        const auto found = names.find(one.id);
        if (found == names.end()) {
            throw Error(ErrorCode::Unknown,
                        {"a reference to an object that is not there", one.where,
                         "an object of struct " + one.target + " that is put before, or by the same call",
                         format_id(one.id), "nothing was written: put what it refers to, too"});
        }
        if (std::ranges::find(found->second, one.target) != found->second.end()) continue;
        throw Error(ErrorCode::Unknown,
                    {"a reference to an object of another struct", one.where, "an object of struct " + one.target,
                     fmt::format("{}, of struct {}", format_id(one.id),
                                 found->second.empty() ? std::string("?") : found->second.front()),
                     "nothing was written"});
    }
}

namespace {

/// Looks everywhere but in the call itself.
void find_names(StackPool& pool, Peers* peers, const WantedReferences& wanted, NamesOfObjects& names) {
    auto left = wanted.ids(names);
    if (left.empty()) return;
    pool.read([&](LayerStack& stack) { layers::find_struct_names(stack, left, layers::Layers::FromTarget, names); });
    left = wanted.ids(names);
    // No stack is held meanwhile: the others may ask back.
    if (!left.empty() && peers != nullptr) peers->find(left, names);
}

}  // namespace

void check_references(StackPool& pool, Peers* peers, std::span<const PutRecord> records) {
    WantedReferences wanted;
    for (const auto& record : records) {
        if (!record.layout || !record.rows || !schema::has_references(*record.layout)) continue;
        wanted.add(*record.layout, record.rows.get(), record.num_rows, [&](std::uint64_t row) {
            return fmt::format("{} element {} row {}, struct {}", record.name, record.element, row,
                               record.layout->name);
        });
    }
    if (wanted.empty()) return;
    NamesOfObjects names;
    find_names(pool, peers, wanted, names);
    wanted.check(names);
}

void check_references(StackPool& pool, Peers* peers, std::span<const ObjectPut> objects) {
    WantedReferences wanted;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const auto& object = objects[i];
        if (!object.layout || !object.row) continue;  // refused later
        wanted.add(*object.layout, object.row.get(), 1, [&](std::uint64_t) { return place::name_of_put(object, i); });
    }
    if (wanted.empty()) return;
    NamesOfObjects names;
    // What is there is looked up first; only what is left may be in the call.
    pool.read([&](LayerStack& stack) {
        layers::find_struct_names(stack, wanted.ids(names), layers::Layers::FromTarget, names);
    });
    if (!wanted.ids(names).empty()) {
        const auto ids = compute_ids(objects);
        std::map<const StructDefinition*, std::vector<std::string>> structs;
        for (std::size_t i = 0; i < objects.size(); ++i) {
            auto& of_struct = structs[objects[i].layout.get()];
            if (of_struct.empty()) {
                const auto& name = objects[i].layout->name;
                of_struct = pool.read([&](LayerStack& stack) { return layers::find_struct_names(stack, name); });
                of_struct.push_back(name);
            }
            names.emplace(ids[i], of_struct);
        }
        const auto left = wanted.ids(names);
        // No stack is held meanwhile: the others may ask back.
        if (!left.empty() && peers != nullptr) peers->find(left, names);
    }
    wanted.check(names);
}

void judge_dangling(StackPool& pool, Peers* peers, std::span<const DanglingReference> dangling, VerifyReport& report) {
    if (dangling.empty()) return;
    NamesOfObjects names;
    std::set<ObjectId> ids;
    for (const auto& one : dangling) ids.insert(one.id);
    std::vector<ObjectId> left(ids.begin(), ids.end());
    try {
        pool.read([&](LayerStack& stack) { layers::find_struct_names(stack, left, layers::Layers::All, names); });
        if (peers != nullptr) peers->find(left, names);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::Corrupt) throw;  // what is damaged elsewhere does not help
    }
    for (const auto& one : dangling) {
        const auto found = names.find(one.id);
        const bool is_there =
            found != names.end() &&
            (one.target.empty() || std::ranges::find(found->second, one.target) != found->second.end());
        VerifyFinding finding;
        finding.layer = one.layer;
        finding.table = one.table;
        finding.key = one.key;
        finding.expected = one.target.empty() ? "an object" : "an object of struct " + one.target;
        finding.found = fmt::format("{}, in {} {}", format_id(one.id), one.count, one.count == 1 ? "row" : "rows");
        if (is_there) {
            finding.what = "a reference to an object that another layer or database has";
            finding.advice = "keep the other one with this place";
            report.elsewhere.push_back(std::move(finding));
        } else {
            finding.what = found == names.end() ? "a reference to an object that is not there"
                                                : "a reference to an object of another struct";
            finding.advice =
                "verify it with the layers and databases that it was written with; else restore the object from a copy";
            report.findings.push_back(std::move(finding));
        }
    }
}

std::vector<ObjectId> compute_ids(std::span<const ObjectPut> objects) {
    std::vector<ObjectId> ids(objects.size());
    std::map<const StructDefinition*, std::vector<std::size_t>> layouts;
    for (std::size_t i = 0; i < objects.size(); ++i) {
        const auto& object = objects[i];
        if (!object.layout || !object.row) {
            throw Error(ErrorCode::Usage,
                        {"an object without a layout or a row", place::name_of_put(object, i), "both", "none", ""});
        }
        layouts[object.layout.get()].push_back(i);
    }
    for (const auto& [layout, members] : layouts) {
        const auto hash = schema::definition_hash(*layout);
        Bytes rows(layout->size * members.size());
        for (std::size_t i = 0; i < members.size(); ++i) {
            const auto* row = objects[members[i]].row.get();
            std::copy_n(row, layout->size, rows.data() + i * layout->size);
        }
        const auto canonical = conversion::to_canonical(*layout, rows, members.size());
        const auto size = canonical.layout->size;
        for (std::size_t i = 0; i < members.size(); ++i) {
            ids[members[i]] = schema::make_object_id(layout->name, hash, schema::hash_row({canonical.row(i), size}));
        }
    }
    return ids;
}

}  // namespace etalon::database
