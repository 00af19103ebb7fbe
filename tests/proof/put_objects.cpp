// put_objects URL SEED: puts objects into a database, for proof_oracle.py: of several structs and schema versions, in
// columns and as bytes, some given twice, some that interval records share.

#include <cstdio>
#include <exception>
#include <random>
#include <string>
#include <vector>

#include "support/objects.h"

namespace etalon::test {
namespace {

DefinitionPtr grid_layout() {
    static const auto kLayout = std::make_shared<const StructDefinition>(
        natural({element("uid", ScalarType::Uid), reference_to("by", "User"), reference_to("seen", "User", {2, 2}),
                 element("grid", ScalarType::Int16, {1500}), element("pixels", ScalarType::File)},
                "Grid"));
    return kLayout;
}

DefinitionPtr wider_group() {
    static const auto kLayout = std::make_shared<const StructDefinition>(
        natural({element("since", ScalarType::Int32), element("name", ScalarType::Char, {32}),
                 element("description", ScalarType::Char, {64})},
                "Group"));
    return kLayout;
}

void put(const std::string& url, unsigned seed) {
    std::mt19937 random(seed);
    auto db = Database::open(url);
    register_layouts(db, {group_layout(), user_layout(), image_layout(), grid_layout()});
    register_layouts(db, {wider_group()});
    std::vector<ObjectId> groups;
    std::vector<ObjectId> users;
    const auto any = [&](const std::vector<ObjectId>& of) {
        return of.empty() ? ObjectId{} : of[random() % of.size()];
    };
    for (int round = 0; round < 12; ++round) {
        std::vector<ObjectPut> puts;
        for (int i = 0; i < 8; ++i) {
            const auto name = "n" + std::to_string(random() % 60);
            switch (random() % 5) {
                case 0:
                    puts.push_back(group(name));
                    groups.push_back(id_of(puts.back()));
                    break;
                case 1:
                    puts.push_back(ObjectBuilder(wider_group()).text("name", name).value("since", round).build());
                    groups.push_back(id_of(puts.back()));
                    break;
                case 2:
                    puts.push_back(user(name, any(groups)));
                    users.push_back(id_of(puts.back()));
                    break;
                case 3:
                    puts.push_back(ObjectBuilder(image_layout())
                                       .id("uid", numbered_id(static_cast<unsigned char>(random() % 200)))
                                       .id("by", any(users))
                                       .id("tags", any(groups), random() % 2)
                                       .value("x", 0.5 * static_cast<double>(random() % 100))
                                       .build());
                    break;
                default:
                    puts.push_back(ObjectBuilder(grid_layout())
                                       .id("uid", numbered_id(static_cast<unsigned char>(random() % 200)))
                                       .id("by", any(users))
                                       .id("seen", any(users), random() % 4)
                                       .value("pixels", File{{1, 2, 3}, random()})
                                       .build());
            }
        }
        (void)db.put_objects(puts, {"oracle", "", "", "objects"});
        PutRecord record;
        record.name = puts.front().layout->name;
        record.begin = round;
        record.layout = puts.front().layout;
        record.rows = puts.front().row;
        record.num_rows = 1;
        if (round % 3 == 0) (void)db.commit(std::vector{record}, {"oracle", "", "", "the same row"});
    }
}

}  // namespace
}  // namespace etalon::test

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    try {
        etalon::test::put(argv[1], static_cast<unsigned>(std::stoul(argv[2])));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
