#pragma once
/// Rows that were planted by SQL, made to look as if Etalon had written them: what is found behind a proof must be
/// sound by itself.

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "backends/port.h"
#include "place/proofs.h"

namespace etalon::test {

/// Gives rows without a checksum of the tables theirs (whose triggers go), and makes all proofs of sets anew.
inline void forge_proofs(const std::string& url, const std::vector<const backends::ProvedTable*>& tables) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto tx = connection->begin(backends::TransactionMode::Write);
    const bool sqlite = tx->engine() == backends::Engine::Sqlite;
    for (const auto* table : tables) {
        const auto name = backends::quote_identifier(table->name());
        tx->execute_script(
            fmt::format("DROP TRIGGER IF EXISTS \"{}_noUpdate\"{};", table->name(), sqlite ? "" : " ON " + name));
        std::vector<std::pair<std::int64_t, std::int64_t>> checksums;
        {
            const auto cursor =
                tx->query(backends::Sql(fmt::format("SELECT {} FROM {} x WHERE x.\"{}\" IS NULL", table->select("x"),
                                                    name, table->checksum_column())),
                          {});
            while (cursor->next()) checksums.emplace_back(cursor->integer(0), table->compute(*cursor, 0));
        }
        for (const auto& [id, checksum] : checksums) {
            tx->execute(backends::Sql(
                            fmt::format("UPDATE {} SET \"{}\" = ?2 WHERE \"ID\" = ?1", name, table->checksum_column())),
                        {id, checksum});
        }
    }
    backends::write_set_proofs(*tx, place::compute_sets(*tx, [](const backends::ProvedTable&, std::int64_t) {}));
    tx->commit();
}

}  // namespace etalon::test
