// A reading and writing program of a user, compiled with one layout of one struct, once per layout that it ever had.
//
//   old_program URL read REFERENCE TIME...          one line per time: status, absent elements, values of all fields in
//   order old_program URL write REFERENCE TIME SCHEMA      commits one row whose values come from standard input, in
//   order of the fields
#include <etalon/etalon.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include "fields.h"
#include OLD_PROGRAM_STRUCTS  // what etalon_add_structs made of the header of this program

namespace {

using Row = TpcResponseSimulator;

/// Calls `use` with every value of a field that is a number or an array of them.
template <class Field, class Use>
void for_each_value(Field& field, const Use& use) {
    if constexpr (std::is_array_v<Field>) {
        for (auto& one : field) for_each_value(one, use);
    } else {
        use(field);
    }
}

template <class R, class Use>
void for_each_field(R& row, const Use& use) {
#define USE(name) use(#name, row.name);
    FOR_EACH_FIELD(USE)
#undef USE
}

void read(etalon::Database& db, const char* reference, const char* time) {
    const auto rows = db.fetch<Row>(reference, etalon::parse_time(time));
    std::printf("%s absent=", std::string(name_of(rows.status())).c_str());
    for (const auto& name : rows.absent()) std::printf("%s,", name.c_str());
    for (const Row& row : rows) {
        for_each_field(row, [](const char* name, const auto& field) {
            std::printf(" %s=", name);
            for_each_value(field, [](const auto& value) { std::printf("%.17g;", static_cast<double>(value)); });
        });
    }
    std::printf("\n");
}

void write(etalon::Database& db, const char* reference, const char* time, std::int64_t schema) {
    const auto row = std::make_shared<Row>();
    std::memset(static_cast<void*>(row.get()), 0, sizeof(Row));
    for_each_field(*row, [](const char* name, auto& field) {
        for_each_value(field, [&](auto& value) {
            std::string text;
            if (!(std::cin >> text)) throw std::runtime_error(std::string("no value for ") + name);
            value = static_cast<std::remove_reference_t<decltype(value)>>(std::strtod(text.c_str(), nullptr));
        });
    });
    etalon::PutRecord record;
    record.name = reference;
    record.begin = etalon::parse_time(time).ns;
    record.layout = db.get_definition("TpcResponseSimulator", schema);
    if (record.layout->size != sizeof(Row)) throw std::runtime_error("that is not the schema version of this program");
    record.rows = std::shared_ptr<const std::byte>(row, reinterpret_cast<const std::byte*>(row.get()));
    record.num_rows = 1;
    db.commit({&record, 1}, {"an old program", "", "", "written with an old layout"});
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string_view verb = argc > 2 ? argv[2] : "";
    auto db = etalon::Database::open(argc > 1 ? argv[1] : "");
    if (verb == "read" && argc > 4) {
        for (int i = 4; i < argc; ++i) read(db, argv[3], argv[i]);
    } else if (verb == "write" && argc == 6) {
        write(db, argv[3], argv[4], std::atoll(argv[5]));
    } else {
        std::fprintf(stderr, "usage: old_program URL read REFERENCE TIME... | write REFERENCE TIME SCHEMA\n");
        return 2;
    }
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "old_program: %s\n", error.what());
    return 3;
}
