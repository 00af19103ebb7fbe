#include "etalon/graph.h"

#include <doctest/doctest.h>

#include <cstring>
#include <string>

#include "backends/each_engine.h"
#include "database/support.h"
#include "etalon/database.h"
#include "etalon/error.h"
#include "etalon/federation.h"
#include "schema/definition.h"

namespace graphs {

struct Team {
    char name[32];
};
struct Person {
    char name[32];
    ETALON_REF(Team) team;
};
struct Shot {
    ETALON_UID uid;
    ETALON_REF(Person) by;
    ETALON_REF(Person) seen[2];
    double x;
};
/// Shot as an older program has it.
struct OldShot {
    ETALON_UID uid;
    double x;
};

}  // namespace graphs

template <>
struct etalon::StructTraits<graphs::Team> {
    static constexpr std::string_view kName = "graphs::Team";
    static constexpr std::string_view kDefinition =
        R"({"name":"graphs::Team","size":32,"alignment":1,"elements":[{"name":"name","type":"char","dims":[32],"offset":0}]})";
};
template <>
struct etalon::StructTraits<graphs::Person> {
    static constexpr std::string_view kName = "graphs::Person";
    static constexpr std::string_view kDefinition =
        R"({"name":"graphs::Person","size":48,"alignment":1,"elements":[{"name":"name","type":"char","dims":[32],"offset":0},)"
        R"({"name":"team","type":"ref","target":"graphs::Team","offset":32}]})";
};
template <>
struct etalon::StructTraits<graphs::Shot> {
    static constexpr std::string_view kName = "graphs::Shot";
    static constexpr std::string_view kDefinition =
        R"({"name":"graphs::Shot","size":72,"alignment":8,"elements":[{"name":"uid","type":"uid","offset":0},)"
        R"({"name":"by","type":"ref","target":"graphs::Person","offset":16},)"
        R"({"name":"seen","type":"ref","target":"graphs::Person","dims":[2],"offset":32},)"
        R"({"name":"x","type":"float64","offset":64}]})";
};
template <>
struct etalon::StructTraits<graphs::OldShot> {
    static constexpr std::string_view kName = "graphs::Shot";
    static constexpr std::string_view kDefinition =
        R"({"name":"graphs::Shot","size":24,"alignment":8,"elements":[{"name":"uid","type":"uid","offset":0},)"
        R"({"name":"x","type":"float64","offset":16}]})";
};

using namespace etalon;
using namespace graphs;

namespace {

template <std::size_t kSize>
void set(char (&to)[kSize], const char* text) {
    std::strncpy(to, text, kSize);
}

Team team(const char* name) {
    Team row{};
    set(row.name, name);
    return row;
}

Person person(const char* name, Ref<Team> of = {}) {
    Person row{};
    set(row.name, name);
    row.team = of;
    return row;
}

Shot shot(double x, Ref<Person> by, Ref<Person> seen = {}) {
    Shot row{};
    row.by = by;
    row.seen[1] = seen;
    row.x = x;
    return row;
}

Database open(const test::EachEngine& place) {
    OpenOptions options;
    options.create = true;
    auto db = Database::open(place.url(), options);
    const StructDefinition structs[] = {*definition_of<Team>(), *definition_of<Person>(), *definition_of<Shot>()};
    (void)db.register_structs(structs);
    return db;
}

}  // namespace

TEST_CASE("a graph knows ids before it writes, puts all at one go, and gives one address for one object") {
    const test::EachEngine place;
    if (!place) return;
    auto db = open(place);
    Graph graph(db);
    const auto ami = graph.add(team("AMI"));
    const auto bob = graph.add(person("Bob", ami));
    const auto first = graph.add(shot(1, bob));
    const auto second = graph.add(shot(1, bob));
    CHECK(first != second);  // each has its uid
    CHECK(graph.add(team("AMI")) == ami);
    CHECK(&graph.get(graph.get(bob).team) == &graph.get(ami));
    const auto done = graph.put();
    CHECK(done.objects.size() == 4);
    CHECK(done.commit != 0);
    CHECK(graph.put().objects.empty());

    auto again = Database::open(place.url());
    Graph loaded(again);
    const auto before = again.statement_count();
    const auto& image = loaded.get(second);
    CHECK(image.x == 1);
    CHECK(std::string(loaded.get(loaded.get(image.by).team).name) == "AMI");
    CHECK(&loaded.get(image.by) == &loaded.get(loaded.get(first).by));
    CHECK(loaded.find(image.seen[0]) == nullptr);
    CHECK_THROWS_AS((void)loaded.get(image.seen[0]), Error);
    CHECK(again.statement_count() > before);
    CHECK(loaded.size() == 4);
}

TEST_CASE("a level is loaded at once, whatever the number of rows") {
    const test::EachEngine place;
    if (!place) return;
    auto db = open(place);
    Graph graph(db);
    std::vector<Ref<Shot>> shots;
    for (int i = 0; i < 50; ++i) {
        const auto by = graph.add(
            person(("P" + std::to_string(i)).c_str(), graph.add(team(("T" + std::to_string(i % 7)).c_str()))));
        shots.push_back(graph.add(shot(i, by, by)));
    }
    (void)graph.put();
    auto again = Database::open(place.url());
    Graph loaded(again);
    const auto statements = [&](auto work) {
        const auto before = again.statement_count();
        work();
        return again.statement_count() - before;
    };
    loaded.prefetch(std::span<const Ref<Shot>>(shots).first(1));  // what is known of structs is read
    std::vector<const Shot*> rows;
    const auto of_shots = statements([&] { loaded.prefetch(std::span<const Ref<Shot>>(shots)); });
    CHECK(of_shots <= 3);
    CHECK(statements([&] {
              for (const auto& ref : shots) rows.push_back(&loaded.get(ref));
          }) == 0);
    CHECK(statements([&] { loaded.prefetch(rows, &Shot::by); }) <= of_shots + 2);
    CHECK(statements([&] { loaded.prefetch(rows, &Shot::seen); }) == 0);  // the same objects
    std::vector<const Person*> people;
    for (const auto* row : rows) people.push_back(&loaded.get(row->by));
    CHECK(statements([&] { loaded.prefetch(people, &Person::team); }) <= of_shots + 2);
    CHECK(statements([&] {
              for (const auto* one : people) (void)loaded.get(one->team);
          }) == 0);
    CHECK(loaded.size() == 107);
}

TEST_CASE("an object is read as the program was compiled, also as of before, and not as another struct") {
    const test::EachEngine place;
    if (!place) return;
    auto db = open(place);
    Graph graph(db);
    const auto ref = graph.add(shot(2.5, graph.add(person("Eve"))));
    const auto commit = graph.put().commit;
    (void)db.advance();
    Graph old(db);
    CHECK(old.get(Ref<OldShot>::to(ref.id())).x == 2.5);
    CHECK_THROWS_AS((void)old.get(Ref<Team>::to(ref.id())), Error);
    ObjectReadOptions before;
    before.as_of = commit - 1;
    Graph earlier(db, before);
    CHECK_THROWS_AS((void)earlier.get(ref), Error);
}

TEST_CASE("a put that is refused keeps what was added") {
    const test::EachEngine place;
    if (!place) return;
    auto db = open(place);
    Graph graph(db);
    ObjectId nobody{};
    nobody.bytes[0] = 1;
    (void)graph.add(person("Bob", Ref<Team>::to(nobody)));
    CHECK_THROWS_AS((void)graph.put(), Error);
    CHECK_THROWS_AS((void)graph.put(), Error);
    Federation federation;
    (void)federation.add(place.url());
    Graph of_federation(federation);
    const auto ami = of_federation.add(team("AMI"));
    CHECK(of_federation.put().objects.size() == 1);
    for (const auto& name : federation.names()) (void)federation.get(name).advance();
    Graph other(federation);
    CHECK(std::string(other.get(ami).name) == "AMI");
}

TEST_CASE("compiled structs are asked for by conditions across references, and loaded level by level") {
    const test::EachEngine place;
    if (!place) return;
    auto db = open(place);
    Graph graph(db);
    const auto bob = graph.add(person("Bob", graph.add(team("AMI"))));
    const auto eve = graph.add(person("Eve"));
    for (int i = 0; i < 6; ++i) (void)graph.add(shot(i, i % 2 == 0 ? bob : eve));
    (void)graph.put();
    (void)db.advance();
    const auto shots = db.query<Shot>("by.team.name = \"AMI\" and x > 0");
    REQUIRE(shots.size() == 2);
    CHECK(shots[0]->x == 4);  // newest first
    CHECK(shots[1]->x == 2);
    double sum = 0;
    for (const auto& one : shots) sum += one->x;
    CHECK(sum == 6);
    CHECK_THROWS_AS((void)shots[2], Error);
    ObjectQuery oldest;
    oldest.order.descending = false;
    oldest.limit = 1;
    CHECK(db.query<Shot>("by.team is null", oldest)[0]->x == 1);
    CHECK(db.query<OldShot>().size() == 6);
    CHECK(db.query<Team>("name = \"x\"\" OR \"\"1\"\"=\"\"1\"").empty());
    Graph loaded(db);
    loaded.prefetch(shots, &Shot::by);
    CHECK(loaded.size() == 1);
    CHECK(std::string(loaded.get(shots[0]->by).name) == "Bob");
    CHECK(loaded.get(shots[0].ref).x == 4);
}
