#pragma once
/// Damage to a schema of PostgreSQL, in a database of its own, undone row by row.

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "damage/stored.h"

namespace etalon::damage {

/// A database of the test server that goes away with this object.
class OwnDatabase {
public:
    /// Empty, or a copy of another one that nobody is connected to.
    explicit OwnDatabase(std::string server, const std::string& like = "");
    ~OwnDatabase();
    OwnDatabase(const OwnDatabase&) = delete;
    OwnDatabase& operator=(const OwnDatabase&) = delete;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::string url(const std::string& schema) const;

private:
    void run(const std::string& sql) const;

    std::string server_;
    std::string name_;
    pid_t owner_;
};

/// The stored tables of a schema.
struct PostgresStored {
    std::vector<Table> tables;
    std::vector<Index> indexes;
};
[[nodiscard]] PostgresStored read_postgres(const std::string& url);

/// A copy of the database `like`, the worker's own.
[[nodiscard]] std::unique_ptr<Medium> make_postgres_medium(const std::string& server, const std::string& like,
                                                           const std::string& schema);

}  // namespace etalon::damage
