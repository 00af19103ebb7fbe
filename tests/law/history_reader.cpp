// Registers the layouts that real_history.py wrote, puts its rows in each, reads them in every other one through the
// real database in both storages, and compares with what the oracle says. Usage: history_reader FOLDER [URL]

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "conversion/plan.h"
#include "etalon/database.h"
#include "reflect/reflect.h"
#include "schema/units.h"

namespace {

using namespace etalon;
using nlohmann::json;

constexpr std::int64_t kHour = 3'600'000'000'000;
constexpr std::size_t kMostProblems = 30;

struct Bytes {
    const std::byte* data;
    std::size_t size;
};

/// The folder that the script wrote.
class Jobs {
public:
    explicit Jobs(std::string folder) : folder_(std::move(folder)) {
        std::ifstream list(folder_ + "/jobs.json");
        jobs_ = json::parse(list);
        std::ifstream file(folder_ + "/data.bin", std::ios::binary);
        data_.assign(std::istreambuf_iterator<char>(file), {});
    }
    [[nodiscard]] const json& structs() const { return jobs_.at("structs"); }
    [[nodiscard]] std::size_t rounds() const { return jobs_.at("rounds"); }
    [[nodiscard]] std::string header(std::size_t round) const {
        return folder_ + "/round" + std::to_string(round) + ".h";
    }
    [[nodiscard]] Bytes bytes(const json& place) const {
        const std::size_t at = place.at(0);
        return {reinterpret_cast<const std::byte*>(data_.data()) + at, place.at(1)};
    }

private:
    std::string folder_;
    json jobs_;
    std::vector<char> data_;
};

class Player {
public:
    Player(const Jobs& jobs, const std::string& url)
        : jobs_(jobs), db_(Database::open(url, {.create = true, .cache_bytes = 0})), units_(schema::make_units()) {}

    /// True when everything is as it must be.
    bool play() {
        for (std::size_t round = 0; round < jobs_.rounds(); ++round) register_round(round);
        put_rows();
        for (const auto& job : jobs_.structs()) {
            for (const auto& read : job.at("reads")) {
                check_verdict(job, read);
                for (const auto& name : references_of(job)) check_reads(job, read, name);
            }
        }
        for (const auto& problem : problems_) std::cerr << problem << "\n";
        if (num_problems_ > problems_.size()) {
            std::cerr << "and " << num_problems_ - problems_.size() << " more\n";
        }
        std::cout << jobs_.structs().size() << " structs, " << num_schemas_ << " schema versions, " << num_pairs_
                  << " ordered pairs, " << num_reads_ << " reads: " << num_good_ << " equal bit for bit, " << num_lossy_
                  << " refused for a value, " << num_refused_ << " refused for the layouts, " << num_lenient_
                  << " with losses counted\n";
        return num_problems_ == 0 && num_good_ > 0;
    }

private:
    void fail(const std::string& text) {
        ++num_problems_;
        if (problems_.size() < kMostProblems) problems_.push_back(text);
    }

    /// One layout of every struct that has had so many.
    void register_round(std::size_t round) {
        const auto found = reflect::reflect_headers({jobs_.header(round)}, {});
        for (const auto& one : found.errors) fail(one.location + ": " + one.reason);
        for (const auto& one : found.refusals) fail(one.location + ": " + one.reason);
        const auto report = db_.register_structs(found.definitions, {.make_current = true, .info = {}});
        std::map<std::string, const RegisterOutcome*> outcomes;
        for (const auto& outcome : report.outcomes) outcomes[outcome.struct_name] = &outcome;
        std::map<std::string, const StructDefinition*> definitions;
        for (const auto& definition : found.definitions) definitions[definition.name] = &definition;
        for (const auto& job : jobs_.structs()) {
            if (round >= job.at("schemas").size()) continue;
            const std::string name = job.at("name");
            const std::int64_t schema = job.at("schemas").at(round);
            const std::string where = name + ", layout " + std::to_string(round + 1);
            if (!outcomes.contains(name)) {
                fail(where + ": not registered");
                continue;
            }
            if (outcomes[name]->schema != schema) {
                fail(where + ": registered as schema version " + std::to_string(outcomes[name]->schema) + ", not " +
                     std::to_string(schema));
            }
            check_layout(where, *definitions[name], job.at("layouts").at(static_cast<std::size_t>(schema - 1)));
        }
    }

    void check_layout(const std::string& where, const StructDefinition& definition, const json& expected) {
        std::vector<std::uint64_t> offsets;
        for (const auto& element : definition.elements) offsets.push_back(element.offset);
        if (definition.size != expected.at("size") || definition.alignment != expected.at("alignment") ||
            offsets != expected.at("offsets").get<std::vector<std::uint64_t>>()) {
            fail(where + ": the header has another layout than the oracle");
        }
    }

    /// A reference by the struct's name, in columns where that may be, and one stored as bytes.
    static std::vector<std::string> references_of(const json& job) {
        const std::string name = job.at("name");
        return {name, name + "_bytes"};
    }

    static Position position_of(std::size_t record) { return Time{static_cast<std::int64_t>(record) * kHour}; }

    void put_rows() {
        std::vector<PutRecord> records;
        std::vector<NameSpec> names;
        for (const auto& job : jobs_.structs()) {
            const std::string name = job.at("name");
            names.push_back({.name = name + "_bytes",
                             .struct_name = name,
                             .axis = Axis::Time,
                             .policy = std::nullopt,
                             .storage = Storage::Bytes});
            for (std::size_t i = 0; i < job.at("records").size(); ++i) {
                const auto& record = job.at("records")[i];
                const auto rows = jobs_.bytes(record.at("data"));
                PutRecord put;
                put.begin = position_of(i).value;
                put.layout = db_.get_definition(name, record.at("schema"));
                put.rows = std::shared_ptr<const std::byte>(rows.data, [](const std::byte*) {});
                put.num_rows = record.at("rows");
                for (const auto& reference : references_of(job)) {
                    put.name = reference;
                    records.push_back(put);
                }
            }
            num_schemas_ += job.at("layouts").size();
        }
        (void)db_.commit(records, {}, names);
        db_.advance();
    }

    void check_verdict(const json& job, const json& read) {
        ++num_pairs_;
        const auto stored = db_.get_definition(job.at("name").get<std::string>(), read.at("stored"));
        const auto asked = db_.get_definition(job.at("name").get<std::string>(), read.at("asked"));
        const auto judged = evolution::judge(*stored, *asked, units_.get());
        std::vector<std::pair<std::string, std::string>> found;
        std::size_t reordered = 0;
        for (const auto& change : judged) {
            if (change.row == "moved") continue;
            if (change.row == "reordered") {
                ++reordered;
            } else {
                found.emplace_back(change.row, change.change.path);
            }
        }
        std::ranges::sort(found);
        const auto verdict = name_of(evolution::worst(judged));
        if (verdict != read.at("verdict").get<std::string>()) {
            fail(text_of(job, read) + ": judged " + std::string(verdict) + ", the oracle says " +
                 read.at("verdict").get<std::string>());
        }
        if (found != read.at("changes").get<std::vector<std::pair<std::string, std::string>>>()) {
            fail(text_of(job, read) + ": other changes: " + json(found).dump() + ", the oracle says " +
                 read.at("changes").dump());
        }
        if (reordered != read.at("reordered")) {
            fail(text_of(job, read) + ": " + std::to_string(reordered) + " elements reordered, the oracle says " +
                 read.at("reordered").dump());
        }
    }

    static std::string text_of(const json& job, const json& read) {
        return job.at("name").get<std::string>() + ", schema " + read.at("stored").dump() + " read as " +
               read.at("asked").dump();
    }

    void check_reads(const json& job, const json& read, const std::string& name) {
        const std::string verdict = read.at("verdict");
        const bool possible = verdict != "needs rule" && verdict != "refused";
        FetchOptions options;
        options.schema = read.at("asked");
        for (const auto& expected : read.at("answers")) {
            const std::size_t record = expected.at("record");
            const std::string where = text_of(job, read) + ", " + name + ", record " + std::to_string(record);
            for (const bool lenient : {false, true}) {
                options.lenient = lenient;
                const bool lossy = possible && expected.at("losses") != 0;
                const bool fails = !possible || (lossy && !lenient);
                ++num_reads_;
                try {
                    const auto answer = db_.fetch_rows(name, position_of(record), options);
                    if (fails) {
                        fail(where + ": read, and the oracle says it cannot be");
                        continue;
                    }
                    check_answer(where, *answer, read, expected, lenient);
                } catch (const Error& error) {
                    if (!fails) {
                        fail(where + ": " + error.what());
                    } else if (error.code() != ErrorCode::Conversion) {
                        fail(where + ": another kind of error: " + error.what());
                    } else if (lossy) {
                        ++num_lossy_;
                        check_culprit(where, error.what(), expected);
                    } else {
                        ++num_refused_;
                    }
                }
            }
            if (!possible) continue;
            options.lenient = false;
            check_strict(where, name, position_of(record), options, read, expected);
        }
    }

    void check_answer(const std::string& where, const AnswerData& answer, const json& read, const json& expected,
                      bool lenient) {
        const auto bytes = jobs_.bytes(expected.at("data"));
        const std::size_t size = answer.num_rows * answer.layout->size;
        if (answer.absent != read.at("absent").get<std::vector<std::string>>()) fail(where + ": other absent elements");
        if (answer.truncated != read.at("truncated").get<std::vector<std::string>>())
            fail(where + ": other truncated arrays");
        const std::uint64_t losses = lenient ? expected.at("losses").get<std::uint64_t>() : 0;
        if (answer.losses != losses) {
            fail(where + ": " + std::to_string(answer.losses) + " losses, the oracle says " + std::to_string(losses));
        }
        if (size != bytes.size) {
            fail(where + ": " + std::to_string(answer.num_rows) + " rows, other than were put");
        } else if (size != 0 && std::memcmp(answer.data.get(), bytes.data, size) != 0) {
            const auto differ = std::mismatch(answer.data.get(), answer.data.get() + size, bytes.data).first;
            const auto at = static_cast<std::size_t>(differ - answer.data.get());
            fail(where + ": other bytes, " + element_at(*answer.layout, at % answer.layout->size) + " in row " +
                 std::to_string(at / answer.layout->size));
        } else {
            ++(lenient && losses != 0 ? num_lenient_ : num_good_);
        }
    }

    static std::string element_at(const StructDefinition& layout, std::size_t offset) {
        for (const auto& element : layout.elements) {
            if (offset >= element.offset && offset < element.offset + element.bytes()) {
                return element.path + " byte " + std::to_string(offset - element.offset);
            }
        }
        return "padding";
    }

    void check_culprit(const std::string& where, const std::string& message, const json& expected) {
        for (const auto& culprit : expected.at("culprits")) {
            if (message.find(culprit.get<std::string>()) != std::string::npos) return;
        }
        fail(where + ": names no value that is lost: " + message);
    }

    /// Strict is an error when something is absent, and only then.
    void check_strict(const std::string& where, const std::string& name, Position at, FetchOptions options,
                      const json& read, const json& expected) {
        options.strict = true;
        const bool fails = !read.at("absent").empty() || expected.at("losses") != 0;
        try {
            (void)db_.fetch_rows(name, at, options);
            if (fails) fail(where + ": strict is satisfied");
        } catch (const Error& error) {
            if (!fails || error.code() != ErrorCode::Conversion) fail(where + ", strict: " + error.what());
        }
    }

    const Jobs& jobs_;
    Database db_;
    std::unique_ptr<schema::UnitSystem> units_;
    std::vector<std::string> problems_;
    std::size_t num_problems_ = 0;
    std::size_t num_schemas_ = 0;
    std::size_t num_pairs_ = 0;
    std::size_t num_reads_ = 0;
    std::size_t num_good_ = 0;
    std::size_t num_lossy_ = 0;
    std::size_t num_refused_ = 0;
    std::size_t num_lenient_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "usage: history_reader FOLDER [URL]\n";
        return 2;
    }
    try {
        const std::string folder = argv[1];
        const Jobs jobs(folder);
        Player player(jobs, argc > 2 ? argv[2] : "sqlite:" + folder + "/history.db");
        return player.play() ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "history_reader: " << error.what() << "\n";
        return 3;
    }
}
