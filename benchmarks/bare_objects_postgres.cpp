#include <algorithm>
#include <bit>
#include <cstring>

#include "benchmarks/bare_objects.h"
#include "benchmarks/postgres_link.h"

namespace etalon::bench {

namespace {

class BareObjectsPostgres final : public BareObjects {
public:
    BareObjectsPostgres(const std::string& conninfo, const std::string& schema) : link_(conninfo, schema) {}

    void make() override {
        std::string columns;
        for (const char* column : kColumns) columns += std::string(", \"") + column + "\" uuid";
        link_.run(R"(CREATE TABLE "image" ("id" uuid PRIMARY KEY, "commitSeq" bigint, "position" bigint, "uid" uuid)" +
                  columns + R"(, "taken" bigint, "defocus" double precision, "dose" double precision, "name" text))");
        for (const char* column : kColumns) {
            link_.run(std::string(R"(CREATE INDEX "image_)") + column + R"(" ON "image" (")" + column + "\")");
        }
    }

    void put(std::span<const BareImage> images) override {
        link_.run("BEGIN");
        link_.start_copy(R"("image")");
        for (const auto& image : images) {
            link_.start_row(8 + static_cast<int>(kReferences));
            link_.put(std::as_bytes(std::span(image.id.bytes)));
            link_.put(image.commit);
            link_.put(image.position);
            link_.put(std::as_bytes(std::span(image.row.uid.bytes)));
            for (std::size_t i = 0; i < kReferences; ++i) {
                const auto reference = reference_of(image.row, i);
                if (reference.is_null()) {
                    link_.put(std::optional<std::int64_t>());
                } else {
                    link_.put(std::as_bytes(std::span(reference.bytes)));
                }
            }
            link_.put(static_cast<std::int64_t>(image.row.taken));
            link_.put(std::bit_cast<std::int64_t>(image.row.defocus));
            link_.put(std::bit_cast<std::int64_t>(image.row.dose));
            link_.put(std::as_bytes(std::span(image.row.name, strnlen(image.row.name, sizeof image.row.name))));
        }
        link_.finish_copy();
        link_.run("COMMIT");
    }

    std::vector<BareImage> of_session(const ObjectId& session) override {
        if (!is_prepared_) {
            link_.prepare_for_uuid("images", R"(SELECT * FROM "image" WHERE "session" = $1
ORDER BY "commitSeq" DESC, "position" DESC)");
            is_prepared_ = true;
        }
        const auto found = link_.ask_for_uuid("images", session.bytes);
        std::vector<BareImage> images(static_cast<std::size_t>(found.rows()));
        for (int r = 0; r < found.rows(); ++r) {
            auto& image = images[static_cast<std::size_t>(r)];
            found.blob(r, 0, image.id.bytes);
            image.commit = found.integer(r, 1);
            image.position = found.integer(r, 2);
            found.blob(r, 3, image.row.uid.bytes);
            for (std::size_t i = 0; i < kReferences; ++i) {
                found.blob(r, 4 + static_cast<int>(i), std::span(reference_of(image.row, i), sizeof(ObjectId)));
            }
            image.row.taken = found.integer(r, 12);
            image.row.defocus = std::bit_cast<double>(found.integer(r, 13));
            image.row.dose = std::bit_cast<double>(found.integer(r, 14));
            const auto name = found.text(r, 15);
            std::memcpy(image.row.name, name.data(), std::min(name.size(), sizeof image.row.name));
        }
        return images;
    }

private:
    PostgresLink link_;
    bool is_prepared_ = false;
};

}  // namespace

std::unique_ptr<BareObjects> open_bare_objects_postgres(const std::string& conninfo, const std::string& schema) {
    return std::make_unique<BareObjectsPostgres>(conninfo, schema);
}

}  // namespace etalon::bench
