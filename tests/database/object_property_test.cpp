// Random graphs over random histories of layouts, against a model that keeps everything in a map.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <set>

#include "database/support.h"
#include "support/objects.h"

namespace etalon::test {
namespace {

constexpr std::size_t kVersions = 3;
const std::vector<std::string> kStructs{"Ant", "Bee"};

/// The versions of a struct: a number that grows wider, references that are added, a text that goes.
DefinitionPtr layout_of(std::size_t of_struct, std::size_t version) {
    const auto& other = kStructs[1 - of_struct];
    switch (version) {
        case 0:
            return std::make_shared<const StructDefinition>(natural(
                {element("n", ScalarType::Int32), reference_to("to", other), element("label", ScalarType::Char, {6})},
                kStructs[of_struct]));
        case 1:
            return std::make_shared<const StructDefinition>(
                natural({element("label", ScalarType::Char, {6}), element("n", ScalarType::Int64),
                         reference_to("to", other), reference_to("more", kStructs[of_struct], {3})},
                        kStructs[of_struct]));
        default:
            // Stored as bytes.
            return std::make_shared<const StructDefinition>(
                natural({reference_to("more", kStructs[of_struct], {3}), element("n", ScalarType::Int64),
                         reference_to("to", other), element("large", ScalarType::Int16, {1200})},
                        kStructs[of_struct]));
    }
}

struct ModelObject {
    std::size_t of_struct = 0;
    std::size_t version = 0;
    std::int64_t number = 0;
    ObjectId to{};
    std::vector<ObjectId> more = std::vector<ObjectId>(3);
    std::int64_t commit = 0;
    std::int64_t position = 0;
};

class Model {
public:
    explicit Model(const std::string& url) : db_(Database::open(url, {.create = true})) {
        for (std::size_t i = 0; i < kStructs.size(); ++i) layouts_.push_back({});
        register_next(0);
        register_next(1);
    }

    void register_next(std::size_t of_struct) {
        if (layouts_[of_struct].size() == kVersions) return;
        const auto layout = layout_of(of_struct, layouts_[of_struct].size());
        if (layouts_[of_struct].empty()) {
            // They refer to one another: together.
            if (of_struct == 0) register_layouts(db_, {layout, layout_of(1, 0)});
        } else {
            register_layouts(db_, {layout});
        }
        layouts_[of_struct].push_back(layout);
    }

    void put() {
        std::vector<ObjectPut> puts;
        std::vector<std::pair<ObjectId, ModelObject>> made;
        const auto count = *rc::gen::inRange<std::size_t>(1, 12);
        for (std::size_t i = 0; i < count; ++i) {
            ModelObject one;
            one.of_struct = *rc::gen::inRange<std::size_t>(0, 2);
            one.version = *rc::gen::inRange<std::size_t>(0, layouts_[one.of_struct].size());
            // Few values, so that objects occur again.
            one.number = *rc::gen::inRange<std::int64_t>(0, 4);
            one.to = any_of(1 - one.of_struct, made);
            const auto& layout = layouts_[one.of_struct][one.version];
            ObjectBuilder builder(layout);
            if (one.version == 0)
                builder.value("n", static_cast<std::int32_t>(one.number));
            else
                builder.value("n", one.number);
            builder.id("to", one.to);
            if (one.version > 0) {
                const auto item = *rc::gen::inRange<std::size_t>(0, 3);
                one.more[item] = any_of(one.of_struct, made);
                builder.id("more", one.more[item], item);
            }
            puts.push_back(builder.build());
            made.emplace_back(id_of(puts.back()), one);
        }
        const auto last = db_.advance();
        const auto result = db_.put_objects(puts, {"model", "", "", "random"});
        std::int64_t position = 0;
        std::int64_t expected = 0;
        bool any_new = false;
        for (std::size_t i = 0; i < made.size(); ++i) {
            auto& [id, one] = made[i];
            RC_ASSERT(result.objects[i].id == id);
            RC_ASSERT(result.objects[i].is_new == !objects_.contains(id));
            if (!objects_.contains(id)) {
                any_new = true;
                one.commit = last + 1;
                one.position = position++;
                objects_.emplace(id, one);
            }
            expected = std::max(expected, objects_.at(id).commit);
        }
        RC_ASSERT(result.commit == expected);
        RC_ASSERT(db_.advance() == (any_new ? last + 1 : last));
    }

    void get() {
        if (objects_.empty()) return;
        std::vector<ObjectId> ids;
        const auto count = *rc::gen::inRange<std::size_t>(1, 9);
        for (std::size_t i = 0; i < count; ++i) ids.push_back(any().first);
        ObjectReadOptions options;
        const auto as_of = *rc::gen::inRange<std::int64_t>(0, db_.snapshot() + 1);
        if (*rc::gen::arbitrary<bool>()) options.as_of = as_of;
        const auto schema = *rc::gen::inRange<std::size_t>(0, std::min(layouts_[0].size(), layouts_[1].size()) + 1);
        options.schema = static_cast<std::int64_t>(schema);
        const auto found = db_.find_objects(ids, options);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto& expected = objects_.at(ids[i]);
            const bool is_there = !options.as_of || expected.commit <= as_of;
            RC_ASSERT(found[i].has_value() == is_there);
            if (!is_there) continue;
            const auto& got = *found[i];
            RC_ASSERT(got.struct_name == kStructs[expected.of_struct]);
            RC_ASSERT(got.schema == static_cast<std::int64_t>(expected.version) + 1);
            RC_ASSERT(got.commit == expected.commit);
            RC_ASSERT(got.position == expected.position);
            const auto asked = schema == 0 ? layouts_[expected.of_struct].size() - 1 : schema - 1;
            RC_ASSERT(*got.layout == *layouts_[expected.of_struct][asked]);
            const auto number = asked == 0 ? value_of<std::int32_t>(got, "n") : value_of<std::int64_t>(got, "n");
            RC_ASSERT(number == expected.number);
            RC_ASSERT(value_of<ObjectId>(got, "to") == expected.to);
            for (std::size_t item = 0; item < 3 && asked > 0; ++item)
                RC_ASSERT(value_of<ObjectId>(got, "more", item) == expected.more[item]);
            std::set<std::string> absent;
            if (asked > 0 && expected.version == 0) absent.insert("more");
            if (asked == 2 && expected.version < 2) absent.insert("large");
            if (asked < 2 && expected.version == 2) absent.insert("label");
            RC_ASSERT(std::set<std::string>(got.absent.begin(), got.absent.end()) == absent);
        }
    }

    void referrers() {
        if (objects_.empty()) return;
        const auto id = any().first;
        const auto as_of = *rc::gen::inRange<std::int64_t>(0, db_.snapshot() + 1);
        std::multiset<std::pair<std::string, std::string>> expected;
        for (const auto& [from, one] : objects_) {
            if (one.commit > as_of) continue;
            if (one.to == id) expected.emplace(format_id(from), "to");
            for (std::size_t item = 0; item < 3; ++item) {
                if (one.more[item] == id) expected.emplace(format_id(from), "more[" + std::to_string(item) + "]");
            }
        }
        std::multiset<std::pair<std::string, std::string>> found;
        for (const auto& one : db_.referrers(id, AsOf{as_of})) found.emplace(format_id(*one.object), one.member);
        RC_ASSERT(found == expected);
    }

    void verify() {
        const auto report = db_.verify({.deep = true});
        RC_ASSERT(report.findings.empty());
        RC_ASSERT(report.objects == objects_.size());
    }

private:
    const std::pair<const ObjectId, ModelObject>& any() {
        auto at = objects_.begin();
        std::advance(at, *rc::gen::inRange<std::size_t>(0, objects_.size()));
        return *at;
    }
    /// One that is there or made by the same call, or null.
    ObjectId any_of(std::size_t of_struct, const std::vector<std::pair<ObjectId, ModelObject>>& made) {
        std::vector<ObjectId> choices{ObjectId{}};
        for (const auto& [id, one] : objects_) {
            if (one.of_struct == of_struct) choices.push_back(id);
        }
        for (const auto& [id, one] : made) {
            if (one.of_struct == of_struct) choices.push_back(id);
        }
        return choices[*rc::gen::inRange<std::size_t>(0, choices.size())];
    }

    Database db_;
    std::vector<std::vector<DefinitionPtr>> layouts_;
    std::map<ObjectId, ModelObject> objects_;
};

void run(const std::string& url) {
    Model model(url);
    const auto steps = *rc::gen::inRange(3, 14);
    for (int i = 0; i < steps; ++i) {
        switch (*rc::gen::inRange(0, 6)) {
            case 0:
                model.register_next(*rc::gen::inRange<std::size_t>(0, 2));
                break;
            case 1:
            case 2:
                model.get();
                break;
            case 3:
                model.referrers();
                break;
            default:
                model.put();
        }
    }
    model.get();
    model.verify();
}

TEST_CASE("random graphs over random layouts are those of a model, on SQLite") {
    CHECK(rc::check([] {
        const TempDirectory directory;
        run("sqlite:" + directory.file("model.db"));
    }));
}

TEST_CASE("random graphs over random layouts are those of a model, on PostgreSQL") {
    if (!find_postgres()) return;
    CHECK(rc::check([] { run(*find_fresh_postgres_place()); }));
}

}  // namespace
}  // namespace etalon::test
