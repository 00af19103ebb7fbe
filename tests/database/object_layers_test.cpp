// Objects over layers, and over the databases of a federation.

#include <doctest/doctest.h>

#include "database/support.h"
#include "etalon/federation.h"
#include "support/objects.h"

namespace etalon::test {
namespace {

CommitInfo info() {
    return {"tester", "", "", "a test"};
}

TEST_CASE("an object may refer to one of a lower layer, which is not written again") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    const auto top = engine.layer(directory.file("top.db"));
    ObjectId ami{};
    {
        auto below = create_microscope(engine.url());
        ami = below.put_objects(std::vector{group("AMI")}, info()).objects[0].id;
        (void)Database::open(top, {.create = true});
    }
    {
        OpenOptions options;
        options.write_to = top;
        auto db = Database::open(std::vector{top, engine.url()}, options);
        const auto put = db.put_objects(user_of_ami("Bob"), info());
        CHECK(put.objects[0].is_new);
        CHECK_FALSE(put.objects[1].is_new);
        db.advance();
        const auto got = db.get_objects(std::vector{put.objects[0].id, ami});
        CHECK(text_of(got[0], "name") == "Bob");
        CHECK(got[0].layer.find("top.db") != std::string::npos);
        CHECK(got[1].layer == db.layers()[1].place);
        CHECK(db.referrers(ami).size() == 1);
        const auto report = db.verify({.deep = true});
        CHECK(report.findings.empty());
        REQUIRE(report.elsewhere.size() == 1);
        CHECK(report.elsewhere[0].table == "User");
    }
    // The layer alone has not what it refers to.
    auto alone = Database::open(top);
    const auto report = alone.verify({});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].what == "a reference to an object that is not there");
    CHECK(report.elsewhere.empty());
}

TEST_CASE("a graph over two databases goes in by one call, what others refer to first") {
    const TempDirectory directory;
    Federation federation;
    const OpenOptions options{.create = true};
    auto& people = federation.add("sqlite:" + directory.file("people.db") + "#People", options);
    auto& images = federation.add("sqlite:" + directory.file("images.db") + "#Images", options);
    register_layouts(people, {group_layout(), user_layout()});
    RegisterOptions elsewhere;
    elsewhere.is_elsewhere = [](const std::string& name) { return name == "User" || name == "Group"; };
    (void)images.register_structs({image_layout().get(), 1}, elsewhere);
    images.advance();

    auto puts = user_of_ami("Bob");
    const auto ami = id_of(puts[1]);
    const auto image = [&](unsigned char number, const ObjectId& by) {
        return ObjectBuilder(image_layout()).id("uid", numbered_id(number)).id("by", by).id("tags", ami, 1).build();
    };
    puts.insert(puts.begin(), image(1, id_of(puts[0])));
    // What is refused by one leaves nothing in the other.
    auto bad = puts;
    bad.push_back(ObjectBuilder(image_layout()).id("by", id_of(puts[1])).build());  // without its uid
    CHECK(error_of([&] { (void)federation.put_objects(bad, info()); }).code() == ErrorCode::BadInput);
    people.advance();
    CHECK_FALSE(people.find_objects(std::vector{id_of(puts[1])}).front());

    const auto result = federation.put_objects(puts, info());
    REQUIRE(result.objects.size() == 3);
    CHECK(result.objects[0].struct_name == "Image");
    CHECK(result.commit == images.advance());
    people.advance();
    const auto got = federation.get_objects(std::vector{result.objects[0].id, result.objects[1].id});
    CHECK(got[0].database == "Images");
    CHECK(got[1].database == "People");
    CHECK(federation.referrers(result.objects[1].id).size() == 1);
    const auto again = federation.put_objects(puts, info());
    CHECK_FALSE(again.objects[0].is_new);
    CHECK(again.commit == result.commit);

    // Each by itself resolves references into the other, for records too.
    auto more = image(2, result.objects[1].id);
    CHECK(images.put_objects(std::vector{more}, info()).objects[0].is_new);
    PutRecord record;
    record.name = "Image";
    record.begin = 1;
    record.layout = more.layout;
    record.rows = more.row;
    record.num_rows = 1;
    (void)images.commit(std::vector{record}, info());
    const auto dangling = image(3, numbered_id(77));
    CHECK(error_of([&] { (void)images.put_objects(std::vector{dangling}, info()); }).code() == ErrorCode::Unknown);
    images.advance();
    const auto report = images.verify({.deep = true});
    CHECK(report.findings.empty());
    CHECK(report.elsewhere.size() == 2);
}

TEST_CASE("databases whose structs refer to one another in both directions get their objects step by step") {
    const TempDirectory directory;
    Federation federation;
    const OpenOptions options{.create = true};
    auto& left = federation.add("sqlite:" + directory.file("left.db") + "#Left", options);
    auto& right = federation.add("sqlite:" + directory.file("right.db") + "#Right", options);
    const auto layout = [](const char* name, const char* target) {
        return std::make_shared<const StructDefinition>(
            natural({element("n", ScalarType::Int32), reference_to("to", target)}, name));
    };
    const auto of_left = layout("L", "R");
    const auto of_right = layout("R", "L");
    RegisterOptions elsewhere;
    elsewhere.is_elsewhere = [](const std::string&) { return true; };
    (void)left.register_structs({of_left.get(), 1}, elsewhere);
    (void)right.register_structs({of_right.get(), 1}, elsewhere);
    std::vector<ObjectPut> puts;
    ObjectId last{};
    for (std::int32_t i = 0; i < 6; ++i) {
        puts.push_back(ObjectBuilder(i % 2 == 0 ? of_left : of_right).value("n", i).id("to", last).build());
        last = id_of(puts.back());
    }
    std::reverse(puts.begin(), puts.end());
    const auto result = federation.put_objects(puts, info());
    for (const auto& one : result.objects) CHECK(one.is_new);
    CHECK(left.advance() == 4);
    CHECK(right.advance() == 4);
    CHECK(federation.get_objects(std::vector{last}).front().commit == result.commit);
}

}  // namespace
}  // namespace etalon::test
