// Images with eight references each, in batches, beside the same rows, ids and indexes by hand.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "benchmarks/bare_images.h"
#include "benchmarks/measures.h"
#include "etalon/object.h"

namespace etalon::bench {

namespace {

constexpr std::size_t kBatch = 1000;
constexpr std::size_t kImagesOfSession = 205;

Element member(std::string path, ScalarType type, std::uint64_t offset, std::string target = {}) {
    Element element;
    element.path = std::move(path);
    element.type = type;
    element.offset = offset;
    element.target = std::move(target);
    return element;
}

StructDefinition named(std::string name) {
    StructDefinition definition;
    definition.name = std::move(name);
    definition.size = 16;
    definition.alignment = 8;
    definition.elements = {member("number", ScalarType::Int64, 0), member("value", ScalarType::Float64, 8)};
    return definition;
}

/// uid, eight references, eight numbers.
StructDefinition image() {
    StructDefinition definition;
    definition.name = "Image";
    definition.alignment = 8;
    definition.elements.push_back(member("uid", ScalarType::Uid, 0));
    std::uint64_t at = 16;
    for (const auto* path :
         {"session", "taken_by", "instrument", "preset", "label", "stage", "calibration", "parent"}) {
        definition.elements.push_back(
            member(path, ScalarType::Ref, at, std::string(path) == "session" ? "Session" : "Thing"));
        at += 16;
    }
    for (int i = 0; i < 8; ++i, at += 8)
        definition.elements.push_back(member("v" + std::to_string(i), ScalarType::Float64, at));
    definition.size = at;
    return definition;
}

struct Batch {
    std::vector<ObjectPut> puts;
    std::vector<ObjectId> ids;
    std::vector<const std::byte*> rows;
};

/// Images in the order in which they are taken: session after session, a few things for each.
class Microscope {
public:
    explicit Microscope(Database& db) {
        auto session = named("Session");
        auto thing = named("Thing");
        const std::vector<StructDefinition> definitions{session, thing, image()};
        (void)db.register_structs(definitions);
        for (std::size_t i = 0; i < definitions.size(); ++i)
            layouts_.push_back(std::make_shared<const StructDefinition>(definitions[i]));
        std::vector<ObjectPut> puts;
        for (std::int64_t i = 0; i < 200; ++i) puts.push_back(row(layouts_[1], i));
        for (const auto& one : db.put_objects(puts).objects) things_.push_back(one.id);
    }
    [[nodiscard]] const StructDefinition& image_layout() const { return *layouts_[2]; }
    [[nodiscard]] const std::vector<ObjectId>& sessions() const { return sessions_; }
    [[nodiscard]] const std::vector<std::vector<ObjectId>>& images() const { return images_; }

    Batch next(Database& db, std::size_t size) {
        Batch batch;
        for (std::size_t i = 0; i < size; ++i) {
            if (taken_++ % kImagesOfSession == 0) {
                const auto session = row(layouts_[0], static_cast<std::int64_t>(sessions_.size()));
                sessions_.push_back(db.put_objects({&session, 1}).objects[0].id);
                images_.emplace_back();
            }
            const auto& layout = layouts_[2];
            auto bytes = std::make_shared<std::vector<std::byte>>(layout->size);
            for (const auto& element : layout->elements) {
                auto* to = bytes->data() + element.offset;
                if (element.type == ScalarType::Uid) {
                    for (int half = 0; half < 2; ++half) {
                        const auto bits = random_();
                        std::memcpy(to + half * 8, &bits, sizeof bits);
                    }
                } else if (element.type == ScalarType::Ref) {
                    const auto& id =
                        element.target == "Session" ? sessions_.back() : things_[random_() % things_.size()];
                    std::memcpy(to, id.bytes, sizeof id.bytes);
                } else {
                    const double value = static_cast<double>(random_() % 1'000'000) * 1e-3;
                    std::memcpy(to, &value, sizeof value);
                }
            }
            batch.rows.push_back(bytes->data());
            batch.puts.push_back({layout, std::shared_ptr<const std::byte>(bytes, bytes->data())});
            batch.ids.push_back(compute_object_id(*layout, bytes->data()));
            images_.back().push_back(batch.ids.back());
        }
        return batch;
    }

private:
    static ObjectPut row(const DefinitionPtr& layout, std::int64_t number) {
        auto bytes = std::make_shared<std::vector<std::byte>>(layout->size);
        std::memcpy(bytes->data(), &number, sizeof number);
        return {layout, std::shared_ptr<const std::byte>(bytes, bytes->data())};
    }

    std::vector<DefinitionPtr> layouts_;
    std::vector<ObjectId> things_;
    std::vector<ObjectId> sessions_;
    std::vector<std::vector<ObjectId>> images_;  ///< by session, in their order
    std::size_t taken_ = 0;
    std::mt19937_64 random_{42};
};

}  // namespace

void measure_objects(Places& places, const Size& size, Table& table) {
    {
        auto db = create_database(places.url("objects"));
        Microscope microscope(db);
        const auto bare = places.open_images("objects_bare", microscope.image_layout());
        const auto batch_size = std::min(kBatch, size.object_rows);
        const auto batches = std::max<std::size_t>(2, size.object_rows / batch_size);
        std::vector<Batch> given;
        for (std::size_t i = 0; i < batches; ++i) given.push_back(microscope.next(db, batch_size));
        std::int64_t commit = 0;
        // The first of each is not counted: empty tables, nothing prepared.
        (void)db.put_objects(given[0].puts);
        bare->insert(++commit, given[0].ids, given[0].rows);
        const auto paired = measure_pairs(
            [&, at = std::size_t{0}]() mutable {
                const auto& batch = given[++at];
                bare->insert(++commit, batch.ids, batch.rows);
            },
            [&, at = std::size_t{0}]() mutable {
                const auto& batch = given[++at];
                const auto put = db.put_objects(batch.puts);
                for (std::size_t i = 0; i < batch.ids.size(); ++i) {
                    if (!put.objects[i].is_new || put.objects[i].id != batch.ids[i]) give_up("an object was not new");
                }
            },
            batches - 1, 0);
        const auto rate = [&](double seconds) { return show_rate(seconds / static_cast<double>(batch_size)); };
        table.add(fmt::format("images of 8 references, {} a commit (rates)", batch_size), places.engine(),
                  rate(paired.second), rate(paired.first), paired, ">= 0.50", paired.ratio >= 0.5);
        (void)db.advance();

        // Images of one session, newest first.
        const auto sessions = std::max<std::size_t>(1, microscope.sessions().size() - 1);
        std::vector<std::vector<ObjectId>> newest_first;
        for (std::size_t s = 0; s < sessions; ++s) {
            auto ids = microscope.images()[s];
            std::erase_if(ids, [&](const ObjectId& id) {
                return std::ranges::none_of(
                    given, [&](const Batch& batch) { return std::ranges::find(batch.ids, id) != batch.ids.end(); });
            });
            std::reverse(ids.begin(), ids.end());
            newest_first.push_back(std::move(ids));
        }
        for (std::size_t s = 0; s < std::min<std::size_t>(sessions, 5); ++s) {
            const auto rows = bare->of_session(microscope.sessions()[s]);
            const auto got = db.get_objects(newest_first[s]);
            const auto row_size = microscope.image_layout().size;
            if (rows.size() != got.size() * row_size) give_up("another number of images");
            for (std::size_t i = 0; i < got.size(); ++i) {
                if (std::memcmp(rows.data() + i * row_size, got[i].row.get(), row_size) != 0) give_up("other images");
            }
        }
        const auto reads = measure_pairs(
            [&, at = std::size_t{0}]() mutable {
                sink = static_cast<float>(db.get_objects(newest_first[at++ % sessions]).size());
            },
            [&, at = std::size_t{0}]() mutable {
                sink = static_cast<float>(bare->of_session(microscope.sessions()[at++ % sessions]).size());
            },
            size.pairs, size.turn);
        table.add_times(fmt::format("{} images by their ids, beside a session's by hand", newest_first[0].size()),
                        places.engine(), reads, 0);
    }
    const auto rows = static_cast<double>(size.object_rows);
    table.add_bytes("bytes of an image with all indexes", places.engine(),
                    static_cast<double>(places.size("objects")) / rows, 0);
    table.add_bytes("the same by hand", places.engine(), static_cast<double>(places.size("objects_bare")) / rows, 0);
    places.drop("objects");
    places.drop("objects_bare");
}

}  // namespace etalon::bench
