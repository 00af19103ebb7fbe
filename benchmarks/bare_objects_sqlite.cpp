#include <algorithm>
#include <cstring>
#include <optional>

#include "benchmarks/bare_objects.h"
#include "benchmarks/give_up.h"
#include "benchmarks/sqlite_handle.h"

namespace etalon::bench {

namespace {

class BareObjectsSqlite final : public BareObjects {
public:
    explicit BareObjectsSqlite(const std::string& path) : handle_(path) {}

    void make() override {
        std::string columns;
        for (const char* column : kColumns) columns += std::string(", \"") + column + "\" BLOB";
        handle_.run(
            R"(CREATE TABLE "image" ("id" BLOB PRIMARY KEY, "commitSeq" INTEGER, "position" INTEGER, "uid" BLOB)" +
            columns + R"(, "taken" INTEGER, "defocus" REAL, "dose" REAL, "name" TEXT))");
        for (const char* column : kColumns) {
            handle_.run(std::string(R"(CREATE INDEX "image_)") + column + R"(" ON "image" (")" + column + "\")");
        }
        handle_.start_writing();
    }

    void put(std::span<const BareImage> images) override {
        if (!insert_) {
            insert_.emplace(
                handle_.get(),
                R"(INSERT INTO "image" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16))");
        }
        handle_.run("BEGIN IMMEDIATE");
        for (const auto& image : images) {
            insert_->bind(1, std::as_bytes(std::span(image.id.bytes)));
            insert_->bind(2, image.commit);
            insert_->bind(3, image.position);
            insert_->bind(4, std::as_bytes(std::span(image.row.uid.bytes)));
            ObjectId references[kReferences];
            for (std::size_t i = 0; i < kReferences; ++i) {
                references[i] = reference_of(image.row, i);
                const int at = 5 + static_cast<int>(i);
                if (references[i].is_null()) {
                    insert_->bind_null(at);
                } else {
                    insert_->bind(at, std::as_bytes(std::span(references[i].bytes)));
                }
            }
            insert_->bind(13, static_cast<std::int64_t>(image.row.taken));
            insert_->bind_real(14, image.row.defocus);
            insert_->bind_real(15, image.row.dose);
            const std::string name(image.row.name, strnlen(image.row.name, sizeof image.row.name));
            insert_->bind(16, name);
            insert_->run();
        }
        handle_.run("COMMIT");
    }

    std::vector<BareImage> of_session(const ObjectId& session) override {
        if (!select_) {
            select_.emplace(handle_.get(),
                            R"(SELECT * FROM "image" WHERE "session" = ?1 ORDER BY "commitSeq" DESC, "position" DESC)");
        }
        select_->bind(1, std::as_bytes(std::span(session.bytes)));
        std::vector<BareImage> images;
        while (select_->step()) {
            auto& image = images.emplace_back();
            select_->blob(0, image.id.bytes);
            image.commit = select_->integer(1);
            image.position = select_->integer(2);
            select_->blob(3, image.row.uid.bytes);
            for (std::size_t i = 0; i < kReferences; ++i) {
                select_->blob(4 + static_cast<int>(i), std::span(reference_of(image.row, i), sizeof(ObjectId)));
            }
            image.row.taken = select_->integer(12);
            image.row.defocus = select_->real(13);
            image.row.dose = select_->real(14);
            const auto name = select_->text(15);
            std::memcpy(image.row.name, name.data(), std::min(name.size(), sizeof image.row.name));
        }
        select_->reset();
        return images;
    }

private:
    SqliteHandle handle_;  // the statements below end before it does
    std::optional<SqliteStatement> insert_;
    std::optional<SqliteStatement> select_;
};

}  // namespace

std::unique_ptr<BareObjects> open_bare_objects_sqlite(const std::string& path) {
    return std::make_unique<BareObjectsSqlite>(path);
}

}  // namespace etalon::bench
