// SQLite files: bytes of a sound one with others in their place, or any bytes, are opened and read. An Error, or the
// answers that the sound file gives.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "etalon/database.h"
#include "schema/definition.h"

using namespace etalon;

namespace {

constexpr const char* kDefinition =
    R"({"name":"gain","size":8,"alignment":4,"elements":[{"name":"value","type":"float32","dims":[],"offset":0,"unit":""},)"
    R"({"name":"channel","type":"int32","dims":[],"offset":4,"unit":""}]})";

std::string path_of(const char* name) {
    return "/tmp/etalon_fuzz_stored." + std::to_string(getpid()) + name;
}

/// Everything that a reader asks of the file.
std::string answers_of(const std::string& path) {
    auto db = Database::open("sqlite:" + path);
    std::string all;
    for (const auto& name : db.names()) {
        all += name.name + '\n';
        for (const std::int64_t at : {-5, 0, 15, 25, 100}) {
            const auto answer = db.fetch_rows(name.name, Time{at});
            all += std::to_string(static_cast<int>(answer->status)) + ' ' + std::to_string(answer->num_rows) + ' ';
            if (answer->data) {
                all.append(reinterpret_cast<const char*>(answer->data.get()), answer->num_rows * answer->layout->size);
            }
            all += '\n';
        }
    }
    return all;
}

/// A sound file, made once.
const std::string& sound_file() {
    static const std::string kBytes = [] {
        const auto path = path_of(".sound");
        {
            auto db = Database::open("sqlite:" + path, {.create = true});
            const auto definition = std::make_shared<const StructDefinition>(schema::from_json(kDefinition, "fuzz"));
            (void)db.register_structs(std::span(definition.get(), 1));
            std::vector<PutRecord> records;
            for (const std::int64_t begin : {0, 10, 20}) {
                const auto rows = std::make_shared<std::array<std::byte, 24>>();
                rows->fill(static_cast<std::byte>(begin + 1));
                PutRecord record;
                record.name = "gain";
                record.begin = begin;
                record.layout = definition;
                record.num_rows = 3;
                record.rows = std::shared_ptr<const std::byte>(rows, rows->data());
                records.push_back(std::move(record));
            }
            (void)db.commit(records, {});
        }
        std::ifstream file(path, std::ios::binary);
        std::string bytes(std::istreambuf_iterator<char>(file), {});
        unlink(path.c_str());
        return bytes;
    }();
    return kBytes;
}

}  // namespace

/// Input: (offset in two bytes of 16 each, length, bytes)... written over the sound file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string bytes = sound_file();
    if (size > 0 && data[0] == 0xff) {
        bytes.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
    } else {
        for (std::size_t at = 0; at + 4 <= size;) {
            const std::size_t offset =
                (std::size_t{data[at]} << 16 | std::size_t{data[at + 1]} << 8 | data[at + 2]) % bytes.size();
            const std::size_t length =
                std::min<std::size_t>({data[at + 3] % 16U, size - at - 4, bytes.size() - offset});
            std::memcpy(bytes.data() + offset, data + at + 4, length);
            at += 4 + length;
        }
    }
    const auto path = path_of(".db");
    std::ofstream(path, std::ios::binary) << bytes;
    try {
        static const auto kAnswers = [] {
            const auto sound = path_of(".whole");
            std::ofstream(sound, std::ios::binary) << sound_file();
            auto answers = answers_of(sound);
            unlink(sound.c_str());
            return answers;
        }();
        if (answers_of(path) != kAnswers) std::abort();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::Internal) std::abort();
    }
    unlink(path.c_str());
    return 0;
}
