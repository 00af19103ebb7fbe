// The reader of rules: any bytes are an Error(BadInput), or rules that come back from their text; rules that fit two
// layouts give plans that run.
#include <cstdlib>

#include "conversion/plan.h"
#include "etalon/error.h"
#include "evolution/rule_trace.h"
#include "tests/fuzz/layouts.h"

using namespace etalon;

namespace {

void follow(evolution::RuleSet section) {
    static const auto kOlder = std::make_shared<const StructDefinition>(fuzz::older_layout());
    static const auto kNewer = std::make_shared<const StructDefinition>(fuzz::newer_layout());
    section.from = evolution::layout_name(*kOlder);
    section.to = evolution::layout_name(*kNewer);
    const auto checked = evolution::check_rules(section, kOlder, kNewer);
    const evolution::StructRules rules({section.from, section.to}, {checked});
    for (const auto& [stored, asked] : {std::pair{kOlder, kNewer}, std::pair{kNewer, kOlder}}) {
        const auto judged = evolution::judge(*stored, *asked, nullptr, &rules);
        const auto way = rules.way(*stored, *asked);
        conversion::PlanOptions options;
        options.way = &way;
        options.lenient = true;
        try {
            const auto plan = conversion::ConversionPlan::make(*stored, *asked, options);
            if (evolution::worst(judged) >= evolution::Verdict::NeedsRule) std::abort();
            std::vector<std::byte> from(stored->size * 3);
            std::vector<std::byte> to(asked->size * 3);
            (void)plan->run(from.data(), to.data(), 3);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::Conversion) std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        for (const auto& section : evolution::read_rules(text, "fuzz")) {
            const auto again = evolution::read_rules("struct a\n" + evolution::to_text(section), "again");
            if (again.size() != 1 || evolution::to_text(again.front()) != evolution::to_text(section)) std::abort();
            try {
                follow(section);
            } catch (const Error& error) {
                if (error.code() != ErrorCode::BadInput) std::abort();
            }
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::BadInput) std::abort();
    }
    return 0;
}
