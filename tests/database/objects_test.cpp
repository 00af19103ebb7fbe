// Objects of one database: put once, got back, as of commits.

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "database/support.h"
#include "support/objects.h"

namespace etalon::test {
namespace {

CommitInfo info() {
    return {"tester", "", "", "a test"};
}

TEST_CASE("an object and what it refers to are put once, whoever puts them again") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto bob = user_of_ami("Bob");
    const auto first = db.put_objects(bob, info());
    REQUIRE(first.objects.size() == 2);
    CHECK(first.commit > 0);
    CHECK(first.objects[0].is_new);
    CHECK(first.objects[0].struct_name == "User");
    CHECK(first.objects[1].is_new);
    CHECK(first.objects[0].id == id_of(bob[0]));

    const auto again = db.put_objects(bob, info());
    CHECK(again.commit == first.commit);
    CHECK_FALSE(again.objects[0].is_new);
    CHECK_FALSE(again.objects[1].is_new);
    CHECK(again.objects[1].id == first.objects[1].id);
    CHECK(db.advance() == first.commit);

    const auto alice = db.put_objects(user_of_ami("Alice"), info());
    CHECK(alice.commit == first.commit + 1);
    CHECK(alice.objects[0].is_new);
    CHECK_FALSE(alice.objects[1].is_new);
    CHECK(alice.objects[1].id == first.objects[1].id);

    db.advance();
    const std::vector<ObjectId> ids{first.objects[1].id, first.objects[0].id, alice.objects[0].id, first.objects[1].id};
    const auto got = db.get_objects(ids);
    REQUIRE(got.size() == 4);
    CHECK(text_of(got[0], "name") == "AMI");
    CHECK(text_of(got[1], "name") == "Bob");
    CHECK(text_of(got[2], "name") == "Alice");
    CHECK(text_of(got[3], "name") == "AMI");
    CHECK(value_of<ObjectId>(got[1], "group") == ids[0]);
    CHECK(got[1].struct_name == "User");
    CHECK(got[1].schema == 1);
    CHECK(got[1].commit == first.commit);
    CHECK(got[1].position == 0);
    CHECK(got[0].position == 1);
    CHECK(got[0].entry_time == db.log().at(1).entry_time);
    CHECK(got[2].commit == alice.commit);
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("an object given twice in one call is new once") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto result = db.put_objects(std::vector{group("AMI"), group("AMI"), group("NRAMM")}, info());
    REQUIRE(result.objects.size() == 3);
    CHECK(result.objects[0].is_new);
    CHECK_FALSE(result.objects[1].is_new);
    CHECK(result.objects[2].is_new);
    db.advance();
    CHECK(db.get_objects(std::vector{result.objects[2].id}).front().position == 1);
}

TEST_CASE("an object is there as of its commit and later, not before") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto before = db.snapshot();
    const auto put = db.put_objects(user_of_ami("Bob"), info());
    const std::vector<ObjectId> ids{put.objects[0].id};
    // The snapshot of the Database is the one of before.
    CHECK_FALSE(db.find_objects(ids).front());
    db.advance();
    CHECK(db.find_objects(ids).front());
    ObjectReadOptions options;
    options.as_of = before;
    CHECK_FALSE(db.find_objects(ids, options).front());
    const auto error = error_of([&] { (void)db.get_objects(ids, options); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(error.info().found == format_id(ids[0]));
}

TEST_CASE("an object whose row is gone is an error, also where nothing is proved and its layout is asked for") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto put = db.put_objects(user_of_ami("Bob"), info());
    const bool is_sqlite = engine.url().starts_with("sqlite");
    raw_script(engine.url(), std::string(is_sqlite ? R"(DROP TRIGGER "User_noDelete";)"
                                                   : R"(DROP TRIGGER "User_noDelete" ON "User";)") +
                                 R"(DELETE FROM "User";)");
    OpenOptions options;
    options.verified = false;
    auto off = Database::open(engine.url(), options);
    ObjectReadOptions read;
    for (const auto& layout : {DefinitionPtr(), DefinitionPtr(user_layout())}) {
        read.layout = layout;
        const auto error = error_of([&] { (void)off.get_objects(std::vector{put.objects[0].id}, read); });
        CHECK(error.code() == ErrorCode::Corrupt);
        CHECK(error.info().what == "the row of an object is not there");
    }
}

TEST_CASE("a reference to what is not there is refused, and nothing is written") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto before = db.snapshot();
    const auto missing = numbered_id(7);
    const auto error = error_of([&] { (void)db.put_objects(std::vector{group("AMI"), user("Bob", missing)}, info()); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(error.info().where == "object 2 of the call, struct User, member group");
    CHECK(error.info().found == format_id(missing));
    CHECK(db.advance() == before);
    CHECK_FALSE(db.find_objects(std::vector{id_of(group("AMI"))}).front());

    // An object of another struct is none of the target.
    const auto ami = db.put_objects(user_of_ami("Bob"), info());
    const auto wrong = error_of([&] { (void)db.put_objects(std::vector{user("Eve", ami.objects[0].id)}, info()); });
    CHECK(wrong.code() == ErrorCode::Unknown);
    CHECK(wrong.info().expected == "an object of struct Group");

    // Items of arrays count, null does not.
    auto image = ObjectBuilder(image_layout()).id("uid", numbered_id(1)).id("tags", missing, 1);
    const auto tag = error_of([&] { (void)db.put_objects(std::vector{image.build()}, info()); });
    CHECK(tag.info().where == "object 1 of the call, struct Image, member tags[1]");
    image.id("tags", ami.objects[1].id, 1);
    CHECK(db.put_objects(std::vector{image.build()}, info()).objects[0].is_new);
}

TEST_CASE("an object without its identity is refused") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto error =
        error_of([&] { (void)db.put_objects(std::vector{ObjectBuilder(image_layout()).build()}, info()); });
    CHECK(error.code() == ErrorCode::BadInput);
    CHECK(error.info().where == "object 1 of the call, struct Image, member uid");
}

TEST_CASE("interval records refer to objects under the same check") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto put = db.put_objects(user_of_ami("Bob"), info());
    db.advance();
    const auto record = [&](const ObjectId& by, const ObjectId& tag) {
        const auto image =
            ObjectBuilder(image_layout()).id("uid", numbered_id(2)).id("by", by).id("tags", tag, 1).build();
        PutRecord one;
        one.name = "Image";
        one.begin = 100;
        one.layout = image.layout;
        one.rows = image.row;
        one.num_rows = 1;
        return std::vector{one};
    };
    const auto before = db.advance();
    const auto error = error_of([&] { (void)db.commit(record(numbered_id(9), {}), info()); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(error.info().where == "Image element 0 row 0, struct Image, member by");
    CHECK(db.advance() == before);
    CHECK(error_of([&] { (void)db.preview(record(numbered_id(9), {})); }).code() == ErrorCode::Unknown);
    (void)db.commit(record(put.objects[0].id, put.objects[1].id), info());
    db.advance();

    const auto of_bob = db.referrers(put.objects[0].id);
    REQUIRE(of_bob.size() == 1);
    CHECK_FALSE(of_bob[0].object);
    CHECK(of_bob[0].name == "Image");
    CHECK(of_bob[0].member == "by");
    CHECK(of_bob[0].interval.begin == 100);
    const auto of_ami = db.referrers(put.objects[1].id);
    REQUIRE(of_ami.size() == 2);
    CHECK(*of_ami[0].object == put.objects[0].id);
    CHECK(of_ami[0].member == "group");
    CHECK(of_ami[0].struct_name == "User");
    CHECK(of_ami[1].member == "tags[1]");
    CHECK(of_ami[1].name == "Image");
    CHECK(db.referrers(put.objects[1].id, AsOf{put.commit}).size() == 1);
    CHECK(db.referrers(put.objects[1].id, AsOf{put.commit - 1}).empty());
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("an object shares the row that an interval record has") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    PutRecord record;
    const auto ami = group("AMI");
    record.name = "Group";
    record.begin = 1;
    record.layout = ami.layout;
    record.rows = ami.row;
    record.num_rows = 1;
    CHECK(db.commit(std::vector{record}, info()).new_payloads == 1);
    CHECK(db.put_objects(std::vector{ami}, info()).objects[0].is_new);
    db.advance();
    CHECK(text_of(db.get_objects(std::vector{id_of(ami)}).front(), "name") == "AMI");
    record.begin = 2;
    CHECK(db.commit(std::vector{record}, info()).new_payloads == 0);
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("a dry run says what would be new and writes nothing") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    const auto put = db.put_objects(std::vector{group("AMI")}, info());
    ObjectPutOptions options;
    options.dry_run = true;
    const auto dry = db.put_objects(user_of_ami("Bob"), info(), options);
    CHECK(dry.commit == 0);
    CHECK(dry.objects[0].is_new);
    CHECK_FALSE(dry.objects[1].is_new);
    CHECK(db.advance() == put.commit);
}

TEST_CASE("many objects of several structs are got with one statement for each") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    std::vector<ObjectPut> puts;
    std::vector<ObjectId> ids;
    for (int i = 0; i < 300; ++i) {
        const auto of_group = group("group " + std::to_string(i));
        puts.push_back(of_group);
        puts.push_back(user("user " + std::to_string(i), id_of(of_group)));
    }
    for (const auto& put : puts) ids.push_back(id_of(put));
    const auto result = db.put_objects(puts, info());
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(result.objects[i].id == ids[i]);
    db.advance();
    (void)db.get_objects(ids);  // the structs are known then
    const auto before = db.statement_count();
    const auto got = db.get_objects(ids);
    CHECK(db.statement_count() - before == 3);
    REQUIRE(got.size() == ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        CHECK(got[i].id == ids[i]);
        CHECK(text_of(got[i], "name") == (i % 2 == 0 ? "group " : "user ") + std::to_string(i / 2));
        CHECK(got[i].position == static_cast<std::int64_t>(i));
    }
}

TEST_CASE("the log says which objects a commit put") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_microscope(engine.url());
    (void)db.put_objects(user_of_ami("Bob"), info());
    db.advance();
    LogOptions options;
    options.limit = 1;
    options.touched = true;
    const auto log = db.log(options);
    REQUIRE(log.size() == 1);
    REQUIRE(log[0].touched.size() == 2);
    CHECK(log[0].touched[0].kind == Touched::Object);
    CHECK(log[0].touched[0].name == "Group");
    CHECK(log[0].touched[1].name == "User");
    CHECK(log[0].touched[1].written == 1);
}

}  // namespace
}  // namespace etalon::test
