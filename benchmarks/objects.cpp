// Images with eight references each, in batches, beside the same rows, ids and indexes by hand: putting them, those of
// a session newest first, many with their sessions and users, and what they take.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>

#include "bench_objects.traits.h"
#include "benchmarks/bare_images.h"
#include "benchmarks/measures.h"
#include "etalon/condition.h"
#include "etalon/graph.h"
#include "etalon/object.h"

namespace etalon::bench {

namespace {

constexpr std::size_t kBatch = 1000;
// The microscope that the scale is that of: 205 or 206 images a session.
constexpr std::size_t kSessions = 2'891;
constexpr std::size_t kImages = 594'506;

struct Batch {
    std::vector<BenchImage> images;
    std::vector<ObjectPut> puts;
    std::vector<ObjectId> ids;
    std::vector<const std::byte*> rows;
};

template <class T>
ObjectPut put_of(const T& row) {
    // The rows outlive the call that puts them.
    return {definition_of<T>(), {std::shared_ptr<const std::byte>(), reinterpret_cast<const std::byte*>(&row)}};
}

/// Images in the order in which they are taken: session after session, a few users and things for all.
class Microscope {
public:
    explicit Microscope(Database& db) : db_(db) {
        const std::vector<StructDefinition> definitions{*definition_of<BenchUser>(), *definition_of<BenchThing>(),
                                                        *definition_of<BenchSession>(), *definition_of<BenchImage>()};
        (void)db_.register_structs(definitions);
        Graph graph(db_);
        for (int i = 0; i < 40; ++i) {
            BenchUser user{};
            fmt::format_to_n(user.name, sizeof user.name - 1, "user {}", i);
            users_.push_back(graph.add(user));
        }
        for (int i = 0; i < 200; ++i) things_.push_back(graph.add(BenchThing{static_cast<double>(i), 0.5}));
        (void)graph.put();
    }
    [[nodiscard]] const std::vector<ObjectId>& sessions() const { return sessions_; }

    Batch next(std::size_t size) {
        Batch batch;
        batch.images.resize(size);
        for (auto& image : batch.images) {
            if (taken_ * kSessions / kImages >= sessions_.size()) start_session();
            ++taken_;
            fill(image.uid.bytes);
            image.session = Ref<BenchSession>::to(sessions_.back());
            image.by = any(users_);
            for (auto* thing :
                 {&image.instrument, &image.camera, &image.preset, &image.label, &image.stage, &image.calibration}) {
                *thing = any(things_);
            }
            for (auto* value : {&image.v0, &image.v1, &image.v2, &image.v3, &image.v4, &image.v5, &image.v6, &image.v7})
                *value = static_cast<double>(random_() % 1'000'000) * 1e-3;
            batch.puts.push_back(put_of(image));
            batch.rows.push_back(batch.puts.back().row.get());
            batch.ids.push_back(compute_object_id(*definition_of<BenchImage>(), batch.rows.back()));
        }
        return batch;
    }

private:
    void start_session() {
        BenchSession session{};
        fill(session.uid.bytes);
        session.user = any(users_);
        session.number = static_cast<double>(sessions_.size());
        const auto put = put_of(session);
        sessions_.push_back(db_.put_objects({&put, 1}).objects[0].id);
    }
    void fill(unsigned char (&bytes)[16]) {
        for (int half = 0; half < 2; ++half) {
            const auto bits = random_();
            std::memcpy(bytes + half * 8, &bits, sizeof bits);
        }
    }
    template <class T>
    T any(const std::vector<T>& all) {
        return all[random_() % all.size()];
    }

    Database& db_;
    std::vector<Ref<BenchUser>> users_;
    std::vector<Ref<BenchThing>> things_;
    std::vector<ObjectId> sessions_;
    std::size_t taken_ = 0;
    std::mt19937_64 random_{42};
};

/// Puts all images both ways, in turns. The first batch of each is not counted: empty tables, nothing prepared.
Paired put_all(Database& db, Microscope& microscope, BareImages& bare, std::size_t images, std::size_t batch_size) {
    std::vector<double> by_hand;
    std::vector<double> ours;
    std::int64_t commit = 0;
    for (std::size_t left = images; left > 0;) {
        const auto batch = microscope.next(std::min(batch_size, left));
        left -= batch.images.size();
        ++commit;
        const auto insert = [&] { bare.insert(commit, batch.ids, batch.rows); };
        const auto put = [&] {
            const auto done = db.put_objects(batch.puts);
            for (std::size_t i = 0; i < batch.ids.size(); ++i) {
                if (!done.objects[i].is_new || done.objects[i].id != batch.ids[i]) give_up("an object was not new");
            }
        };
        double first = 0;
        double second = 0;
        if (commit % 2 == 0) {
            first = seconds_of(insert, 1);
            second = seconds_of(put, 1);
        } else {
            second = seconds_of(put, 1);
            first = seconds_of(insert, 1);
        }
        if (commit == 1 || batch.images.size() != batch_size) continue;
        by_hand.push_back(first);
        ours.push_back(second);
    }
    return pair_up(by_hand, ours);
}

/// The images of a session, newest first.
ObjectQuery images_of(const ObjectId& session) {
    ObjectQuery query;
    query.struct_name = "BenchImage";
    query.where = parse_condition("session = \"" + format_id(session) + "\"");
    query.read.layout = definition_of<BenchImage>();
    return query;
}

void measure_sessions(Database& db, const std::vector<ObjectId>& sessions, BareImages& bare, const Size& size,
                      const std::string& engine, Table& table) {
    std::vector<ObjectQuery> queries;
    for (const auto& session : sessions) queries.push_back(images_of(session));
    for (std::size_t s = 0; s < std::min<std::size_t>(sessions.size(), 5); ++s) {
        const auto rows = bare.of_session(sessions[s]);
        const auto got = db.query_objects(queries[s]);
        if (rows.size() != got.size() * sizeof(BenchImage)) give_up("another number of images");
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (std::memcmp(rows.data() + i * sizeof(BenchImage), got[i].row.get(), sizeof(BenchImage)) != 0)
                give_up("other images, or in another order");
        }
    }
    const auto reads = measure_pairs(
        [&, at = std::size_t{0}]() mutable {
            sink = static_cast<float>(db.query_objects(queries[at++ % queries.size()]).size());
        },
        [&, at = std::size_t{0}]() mutable {
            sink = static_cast<float>(bare.of_session(sessions[at++ % sessions.size()]).size());
        },
        size.pairs, size.turn);
    table.add_times(fmt::format("images of a session of {}, newest first", sessions.size()), engine, reads, 1.5);
}

/// The newest images with their sessions and the users of these.
void measure_graph(Database& db, const std::string& engine, Table& table) {
    ObjectQuery how;
    how.limit = 1000;
    const auto read = [&] {
        const auto before = db.statement_count();
        const auto images = db.query<BenchImage>("", how);
        Graph graph(db);
        graph.prefetch(images, &BenchImage::session);
        std::vector<const BenchSession*> sessions;
        for (const auto& image : images) sessions.push_back(&graph.get(image->session));
        graph.prefetch(sessions, &BenchSession::user);
        std::set<const BenchUser*> users;
        for (const auto* session : sessions) users.insert(&graph.get(session->user));
        if (images.empty() || users.empty() || users.size() > 40) give_up("other users");
        return std::pair{images.size(), db.statement_count() - before};
    };
    (void)read();  // learns the names of structs
    const auto [images, statements] = read();
    table.add_count(fmt::format("{} images with sessions and users (statements)", images), engine, statements, 3);
}

}  // namespace

std::size_t images_of_sessions(std::size_t sessions) noexcept {
    return (sessions * kImages + kSessions - 1) / kSessions;
}

void measure_objects(Places& places, const Size& size, Table& table) {
    const auto engine = places.engine();
    {
        auto db = create_database(places.url("objects"));
        Microscope microscope(db);
        const auto bare = places.open_images("objects_bare", *definition_of<BenchImage>());
        const auto batch_size = std::clamp<std::size_t>(size.object_rows / 2, 1, kBatch);
        const auto paired = put_all(db, microscope, *bare, size.object_rows, batch_size);
        const auto rate = [&](double seconds) { return show_rate(seconds / static_cast<double>(batch_size)); };
        table.add(fmt::format("images of 8 references, {} a commit (rates)", batch_size), engine, rate(paired.second),
                  rate(paired.first), paired, ">= 0.50", paired.ratio >= 0.5);
        (void)db.advance();
        measure_sessions(db, microscope.sessions(), *bare, size, engine, table);
        measure_graph(db, engine, table);
    }
    const auto rows = static_cast<double>(size.object_rows);
    table.add_bytes("bytes of an image with all indexes", engine, static_cast<double>(places.size("objects")) / rows,
                    0);
    table.add_bytes("the same by hand", engine, static_cast<double>(places.size("objects_bare")) / rows, 0);
    places.drop("objects");
    places.drop("objects_bare");
}

}  // namespace etalon::bench
