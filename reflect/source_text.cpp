#include "reflect/source_text.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/code_points.h"
#include "base/number_text.h"

namespace etalon::reflect {
namespace {

using Offsets = std::vector<std::uint32_t>;

/// Where bytes stand that begin no well-formed character.
Offsets find_stray_bytes(std::string_view text) {
    Offsets stray;
    if (is_utf8(text)) return stray;
    for (std::size_t at = 0; at < text.size();) {
        const auto character = first_code_point(text.substr(at));
        if (!character) stray.push_back(static_cast<std::uint32_t>(at));
        at += character ? character->size : 1;
    }
    return stray;
}

std::size_t line_at(std::string_view text, std::size_t offset) {
    return 1 +
           static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

/// Latin-1 and Unicode have the same first 256 characters; those from 0x80 on are two bytes of UTF-8.
std::string read_as_latin1(std::string_view text, const Offsets& stray) {
    std::string out;
    std::size_t from = 0;
    for (const std::size_t at : stray) {
        out += text.substr(from, at - from);
        const auto code = static_cast<unsigned char>(text[at]);
        out += static_cast<char>(0xC0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3F));
        from = at + 1;
    }
    out += text.substr(from);
    return out;
}

/// Moves positions of one file.
class Mover {
public:
    Mover(std::size_t file, const Offsets& stray) : file_(file), stray_(stray) {}
    void move(std::uint32_t& offset) const {
        offset += static_cast<std::uint32_t>(std::lower_bound(stray_.begin(), stray_.end(), offset) - stray_.begin());
    }
    void move(SourceSpan& span) const {
        if (span.file != file_) return;
        move(span.begin);
        move(span.end);
    }
    void move(RawUnit& unit) const {
        for (auto& [begin, end] : unit.files[file_].comments) {
            move(begin);
            move(end);
        }
        for (RawRecord& record : unit.records) {
            for (SourceSpan* span : {&record.span, &record.body, &record.reach}) move(*span);
            for (RawField& field : record.fields) move(field.span);
        }
        for (RawWarning& warning : unit.warnings) {
            if (warning.file != file_) continue;
            move(warning.offset);
            move(warning.use);
        }
    }

private:
    std::size_t file_;
    const Offsets& stray_;
};

}  // namespace

void check_text(RawUnit& unit, std::set<std::string>& told, Reflection& result) {
    for (std::size_t i = 0; i < unit.files.size(); ++i) {
        RawFile& file = unit.files[i];
        const bool is_new = told.insert(file.name).second;
        if (const auto nul = file.text.find('\0'); nul != std::string::npos && is_new) {
            result.errors.push_back({file.name + ":" + std::to_string(line_at(file.text, nul)), "", "",
                                     "a NUL byte stands here: a header is text (UTF-8, or Latin-1); save it as that",
                                     "encoding"});
        }
        const Offsets stray = find_stray_bytes(file.text);
        if (stray.empty()) continue;
        if (is_new) {
            const std::size_t first = line_at(file.text, stray.front());
            std::set<std::size_t> lines;
            for (const auto at : stray) lines.insert(line_at(file.text, at));
            const std::string more =
                lines.size() == 1 ? "" : " (and on " + std::to_string(lines.size() - 1) + " more lines)";
            result.remarks.push_back({file.name + ":" + std::to_string(first), "", "",
                                      "what stands here" + more + " is no UTF-8 and is read as Latin-1", "encoding",
                                      true});
        }
        Mover(i, stray).move(unit);
        file.text = read_as_latin1(file.text, stray);
    }
}

}  // namespace etalon::reflect
