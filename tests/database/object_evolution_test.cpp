// Objects read in layouts older and newer than the one they were put in.

#include <doctest/doctest.h>

#include "database/support.h"
#include "evolution/rules.h"
#include "support/objects.h"

namespace etalon::test {
namespace {

CommitInfo info() {
    return {"tester", "", "", "a test"};
}

/// The user of before: wider text, no group.
DefinitionPtr user_without_group() {
    static const auto kLayout = std::make_shared<const StructDefinition>(
        natural({element("name", ScalarType::Char, {64}), element("username", ScalarType::Char, {32})}, "User"));
    return kLayout;
}

TEST_CASE("a reference that was added reads as null and is told to be absent") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    register_layouts(db, {group_layout(), user_without_group()});
    const auto old =
        db.put_objects(std::vector{ObjectBuilder(user_without_group()).text("name", "Bob").build()}, info());
    register_layouts(db, {user_layout()});
    const auto fresh = db.put_objects(user_of_ami("Alice"), info());
    db.advance();

    // In the newest layout.
    const auto got = db.get_objects(std::vector{old.objects[0].id, fresh.objects[0].id});
    CHECK(got[0].schema == 1);
    CHECK(got[0].absent == std::vector<std::string>{"group"});
    CHECK(value_of<ObjectId>(got[0], "group").is_null());
    CHECK(text_of(got[0], "name") == "Bob");
    CHECK(got[1].schema == 2);
    CHECK(got[1].absent.empty());
    CHECK(value_of<ObjectId>(got[1], "group") == fresh.objects[1].id);
    ObjectReadOptions strict;
    strict.strict = true;
    const auto error = error_of([&] { (void)db.get_objects(std::vector{old.objects[0].id}, strict); });
    CHECK(error.code() == ErrorCode::Conversion);

    // In the old one, by its number and by its definition: what was removed is ignored.
    ObjectReadOptions first;
    first.schema = 1;
    CHECK(text_of(db.get_objects(std::vector{fresh.objects[0].id}, first).front(), "name") == "Alice");
    ObjectReadOptions by_layout;
    by_layout.layout = user_without_group();
    const auto narrow = db.get_objects(std::vector{fresh.objects[0].id}, by_layout).front();
    CHECK(narrow.layout->elements.size() == 2);
    CHECK(text_of(narrow, "name") == "Alice");
    CHECK(error_of([&] { (void)db.get_objects(std::vector{fresh.objects[1].id}, by_layout); }).code() ==
          ErrorCode::BadInput);
    first.schema = 7;
    CHECK(error_of([&] { (void)db.get_objects(std::vector{fresh.objects[0].id}, first); }).code() ==
          ErrorCode::Unknown);
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("the same row under two schema versions is two objects") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const auto wider = std::make_shared<const StructDefinition>(
        natural({element("name", ScalarType::Char, {32}), element("description", ScalarType::Char, {64}),
                 element("since", ScalarType::Int32)},
                "Group"));
    register_layouts(db, {group_layout()});
    register_layouts(db, {wider});
    const auto result =
        db.put_objects(std::vector{group("AMI"), ObjectBuilder(wider).text("name", "AMI").build()}, info());
    CHECK(result.objects[0].id != result.objects[1].id);
    db.advance();
    const auto got = db.get_objects(std::vector{result.objects[0].id, result.objects[1].id});
    CHECK(got[0].schema == 1);
    CHECK(got[1].schema == 2);
    CHECK(got[0].absent == std::vector<std::string>{"since"});
}

TEST_CASE("a reference that rules rename is read under its new name") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto put = db.put_objects(user_of_ami("Bob"), info());
    auto renamed = *user_layout();
    renamed.elements[2].path = "team";
    RegisterOptions options;
    options.rules = {{"a test", "struct User\n\nfrom " + evolution::layout_name(*user_layout()) + " to " +
                                    evolution::layout_name(renamed) + "\n  rename group -> team\n"}};
    (void)db.register_structs({&renamed, 1}, options);
    db.advance();
    const auto got = db.get_objects(std::vector{put.objects[0].id}).front();
    CHECK(got.absent.empty());
    CHECK(value_of<ObjectId>(got, "team") == put.objects[1].id);
    const auto referrers = db.referrers(put.objects[1].id);
    REQUIRE(referrers.size() == 1);
    CHECK(referrers[0].member == "group");  // as it is stored
}

TEST_CASE("a target that changed its layout is still the target") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto put = db.put_objects(user_of_ami("Bob"), info());
    auto wider = *group_layout();
    wider.elements.push_back(element("since", ScalarType::Int32));
    wider = natural(wider.elements, "Group");
    register_layouts(db, {std::make_shared<const StructDefinition>(wider)});
    const auto newer = ObjectBuilder(std::make_shared<const StructDefinition>(wider)).text("name", "AMI").build();
    const auto result =
        db.put_objects(std::vector{user("Eve", id_of(newer)), newer, user("Ann", put.objects[1].id)}, info());
    CHECK(result.objects[0].is_new);
    db.advance();
    const auto got = db.get_objects(std::vector{put.objects[1].id, id_of(newer)});
    CHECK(got[0].schema == 1);
    CHECK(got[1].schema == 2);
}

TEST_CASE("objects that are stored as bytes are got and referred to as the others") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    // Too many values for columns.
    const auto large = std::make_shared<const StructDefinition>(
        natural({element("uid", ScalarType::Uid), reference_to("by", "User"), reference_to("seen", "User", {3}),
                 element("grid", ScalarType::Float32, {600, 2})},
                "Grid"));
    register_layouts(db, {large});
    const auto bob = db.put_objects(user_of_ami("Bob"), info()).objects[0].id;
    std::vector<ObjectPut> puts;
    std::vector<ObjectId> ids;
    for (unsigned char i = 0; i < 5; ++i) {
        puts.push_back(ObjectBuilder(large)
                           .id("uid", numbered_id(i))
                           .id("by", bob)
                           .id("seen", bob, 2)
                           .value("grid", static_cast<float>(i))
                           .build());
        ids.push_back(id_of(puts.back()));
    }
    ids.push_back(bob);
    (void)db.put_objects(puts, info());
    db.advance();
    const auto got = db.get_objects(ids);
    for (std::size_t i = 0; i < 5; ++i) CHECK(value_of<float>(got[i], "grid") == static_cast<float>(i));
    const auto referrers = db.referrers(bob);
    REQUIRE(referrers.size() == 10);
    CHECK(referrers[0].member == "by");
    CHECK(referrers[1].member == "seen[2]");
    CHECK(db.verify({.deep = true}).findings.empty());
}

}  // namespace
}  // namespace etalon::test
