#include "interchange/objects.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <sstream>

#include "etalon/error.h"
#include "interchange/json_tree.h"
#include "interchange/object_files.h"
#include "schema/build.h"

using namespace etalon;
using namespace etalon::interchange;
using etalon::test::element;
using etalon::test::natural;

namespace {

Element reference(std::string path, std::string target, std::vector<std::uint64_t> dims = {}) {
    auto made = element(std::move(path), ScalarType::Ref, std::move(dims));
    made.target = std::move(target);
    return made;
}

DefinitionPtr shared(StructDefinition definition) {
    return std::make_shared<const StructDefinition>(std::move(definition));
}

const DefinitionPtr kGroup = shared(natural({element("name", ScalarType::Char, {8})}, "Group"));
const DefinitionPtr kUser = shared(natural(
    {element("name", ScalarType::Char, {8}), reference("group", "Group"), reference("friends", "User", {2})}, "User"));
DefinitionPtr make_image() {
    auto count = element("count", ScalarType::Int32);
    count.default_value = "7";
    return shared(natural({element("uid", ScalarType::Uid), reference("by", "User"),
                           element("pixels", ScalarType::File), count, element("x", ScalarType::Float64)},
                          "Image"));
}
const DefinitionPtr kImage = make_image();

DefinitionPtr find(const std::string& name) {
    for (const auto& one : {kGroup, kUser, kImage}) {
        if (one->name == name) return one;
    }
    throw Error(ErrorCode::Unknown, {"unknown struct", name, "", "", ""});
}

LoadedObjects load(const std::string& text, const std::string& name) {
    std::istringstream in(text);
    ObjectSource source;
    source.definition = find;
    return load_objects(in, "t.json", name, source);
}

std::string error_of(const std::string& text, const std::string& name) {
    try {
        (void)load(text, name);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

StoredObject stored(const DefinitionPtr& layout, const ObjectPut& put, const ObjectId& id) {
    StoredObject object;
    object.id = id;
    object.struct_name = layout->name;
    object.schema = 1;
    object.commit = 5;
    object.layout = layout;
    object.row = put.row;
    return object;
}

std::vector<StoredObject> stored(const LoadedObjects& loaded) {
    std::vector<StoredObject> all;
    for (std::size_t i = 0; i < loaded.objects.size(); ++i)
        all.push_back(stored(loaded.objects[i].layout, loaded.objects[i], loaded.ids[i]));
    return all;
}

FindObjects finder(const std::vector<StoredObject>& all, int& calls) {
    return [&all, &calls](std::span<const ObjectId> ids) {
        ++calls;
        std::vector<std::optional<StoredObject>> found;
        for (const auto& id : ids) {
            found.emplace_back();
            for (const auto& one : all) {
                if (one.id == id) found.back() = one;
            }
        }
        return found;
    };
}

}  // namespace

TEST_CASE("an object in the place of a reference is put first, and once") {
    const auto loaded =
        load(R"({"name":"Bob","group":{"name":"AMI"},"friends":[{"name":"Eve","group":{"name":"AMI"}},null]})"
             "\n"
             R"({"name":"Eve","group":{"name":"AMI"}})",
             "User");
    REQUIRE(loaded.objects.size() == 3);  // AMI, Eve, Bob
    CHECK(loaded.objects[0].layout == kGroup);
    CHECK(loaded.asked == std::vector<std::size_t>{2, 1});
    CHECK(loaded.nested == std::vector<std::size_t>{0});
    ObjectId group{};
    std::memcpy(&group, loaded.objects[2].row.get() + 8, sizeof group);
    CHECK(group == loaded.ids[0]);
    CHECK(compute_object_id(*kUser, loaded.objects[1].row.get()) == loaded.ids[1]);
}

TEST_CASE("lists, lines and one object are read, uids are filled, defaults and references may be left out") {
    const auto list = load(R"([{"x": 1}, {"x": 1}])", "Image");
    CHECK(list.objects.size() == 2);  // two uids
    std::int32_t count = 0;
    std::memcpy(&count, list.objects[0].row.get() + kImage->elements[3].offset, sizeof count);
    CHECK(count == 7);
    const auto given =
        load(R"({"uid":"00112233445566778899aabbccddeeff","x":-0,"by":null,"pixels":null,"count":1})", "Image");
    double x = 1;
    std::memcpy(&x, given.objects[0].row.get() + kImage->elements[4].offset, sizeof x);
    CHECK(x == 0);
    CHECK(std::signbit(x));
    const auto csv = load("name,group,friends[0],friends[1]\nBob,,,\nEve,00112233445566778899aabbccddeeff,,\n", "User");
    CHECK(csv.asked.size() == 2);
}

TEST_CASE("what is wrong with an object says where it is") {
    CHECK(error_of(R"({"nam":"Bob"})", "User").find("t.json, object 0") != std::string::npos);
    CHECK(error_of(R"({"name":"Bob"} {"name":"Eve","group":{"nam":"AMI"}})", "User").find("t.json, object 1, group") !=
          std::string::npos);
    CHECK(error_of(R"({"name":"Bob","group":"12"})", "User").find("element group") != std::string::npos);
    CHECK(error_of(R"({"name":"Bob","name":"Eve"})", "User").find("occurs twice") != std::string::npos);
    CHECK(error_of(R"({"name":"Bob")", "User").find("not JSON") != std::string::npos);
    CHECK(error_of(R"([{"name":"Bob"}] 5)", "User").find("behind the list") != std::string::npos);
    CHECK(error_of(R"([5])", "User").find("no object") != std::string::npos);
    CHECK(error_of(R"({"x":1,"pixels":{"file":"a"}})", "Image").find("--files") != std::string::npos);
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += R"({"group":)";
    CHECK(error_of(deep, "User").find("nested too deeply") != std::string::npos);
}

TEST_CASE("references are followed level by level, each level by one call") {
    const auto loaded = load(R"({"x":1,"by":{"name":"Bob","group":{"name":"AMI"}}})", "Image");
    const auto all = stored(loaded);
    const std::vector<StoredObject> asked{all[loaded.asked[0]]};
    int calls = 0;
    const auto one = follow(asked, {"by"}, finder(all, calls));
    CHECK(calls == 1);
    CHECK(to_json(asked[0], one).find(R"("by": {"id":)") != std::string::npos);
    CHECK(to_json(asked[0], one).find("AMI") == std::string::npos);
    const auto both = follow(asked, {"by.group"}, finder(all, calls));
    CHECK(calls == 3);
    CHECK(to_json(asked[0], both).find("AMI") != std::string::npos);
    CHECK(to_json(asked[0], follow(asked, {"all"}, finder(all, calls))) == to_json(asked[0], both));
    CHECK(to_json(asked[0]).find(R"("by": ")" + format_id(all[1].id)) != std::string::npos);
    CHECK_THROWS_WITH_AS((void)follow(asked, {"bye"}, finder(all, calls)), doctest::Contains("did you mean 'by'?"),
                         Error);
    const std::vector<StoredObject> none;
    CHECK_THROWS_WITH_AS((void)follow(asked, {"by"}, finder(none, calls)), doctest::Contains("leads to no object"),
                         Error);
}

TEST_CASE("an export reads back with the same ids, NaNs with their bits, and a changed one does not") {
    auto loaded = load(R"({"x":1,"by":{"name":"Bob","group":{"name":"AMI"}}})", "Image");
    // A NaN that is not the quiet one.
    std::vector<std::byte> row(loaded.objects.back().row.get(), loaded.objects.back().row.get() + kImage->size);
    const std::uint64_t bits = 0x7ff4000000000123;
    std::memcpy(row.data() + kImage->elements[4].offset, &bits, sizeof bits);
    auto all = stored(loaded);
    all.back().row = std::shared_ptr<const std::byte>(std::shared_ptr<const std::byte>(), row.data());
    all.back().id = compute_object_id(*kImage, row.data());
    const auto text = export_objects(all, {kGroup, kUser, kImage});
    CHECK(text.find("canonical") != std::string::npos);
    std::istringstream in(text);
    const auto back = read_export(in, "x");
    REQUIRE(back.ids.size() == 3);
    CHECK(back.ids.back() == all.back().id);
    CHECK(back.definitions.size() == 3);
    auto changed = text;
    changed.replace(changed.find("\"AMI\""), 5, "\"AMJ\"");
    std::istringstream damaged(changed);
    CHECK_THROWS_WITH_AS((void)read_export(damaged, "x"), doctest::Contains("does not have its id"), Error);
}

TEST_CASE("an example asks for what it says, typed by the struct") {
    const auto text = [](const char* json) { return format_condition(condition_of_example(json, "e", "Image", find)); };
    CHECK(text("{}") == format_condition(Condition{}));
    CHECK(text(R"({"x": 1.5})") == "x = 1.5");
    CHECK(text(R"({"x": "NaN"})") == "x = NaN");
    CHECK(text(R"({"by": null})") == "by is null");
    CHECK(text(R"({"by": {"name": "O\"Hara"}})") == "by is not null and by.name = \"O\"\"Hara\"");
    CHECK(text(R"({"by": {"group": null}})") == "by is not null and by.group is null");
    CHECK(text(R"({"by": {"friends": [null, {"name": "Eve"}]}})") ==
          "by is not null and by.friends[0] is null and by.friends[1] is not null and by.friends[1].name = \"Eve\"");
    CHECK(text(R"({"pixels": {"sha256": "ab", "size": 3}})") == "pixels = sha256:ab:3");
    CHECK_THROWS_AS((void)text("[1]"), Error);
    CHECK_THROWS_AS((void)text("{} {}"), Error);
}
