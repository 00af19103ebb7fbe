#include "layers/fields.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "index/commits.h"
#include "layers/catalog.h"
#include "schema/selection.h"

namespace etalon::layers {
namespace {

/// Whether what is said of `path` or `path[3:]` is of a member of the layout.
bool concerns(const StructDefinition& layout, const std::string& said) {
    return std::ranges::any_of(layout.elements, [&](const Element& element) {
        return said.starts_with(element.path) &&
               (said.size() == element.path.size() || said[element.path.size()] == '[');
    });
}

/// An answer in the layout of all members as one in a layout of some of them.
Answer project(const Answer& whole, const DefinitionPtr& layout) {
    auto data = std::make_shared<AnswerData>(*whole);
    const auto& from = whole->layout;
    data->layout = layout;
    const auto filter = [&](std::vector<std::string>& said) {
        std::erase_if(said, [&](const std::string& one) { return !concerns(*layout, one); });
    };
    filter(data->absent);
    filter(data->truncated);
    for (auto& element : data->elements) {
        filter(element.absent);
        filter(element.truncated);
    }
    if (data->num_rows == 0) return Answer(std::move(data));
    auto rows = AlignedBuffer::zeroed(layout->size * data->num_rows);
    for (const auto& element : layout->elements) {
        const auto source = std::ranges::find(from->elements, element.path, &Element::path);
        for (std::size_t row = 0; row < data->num_rows; ++row) {
            std::memcpy(rows.data() + row * layout->size + element.offset,
                        whole->data.get() + row * from->size + source->offset, element.bytes());
        }
    }
    data->data = share(std::move(rows));
    return Answer(std::move(data));
}

}  // namespace

Answer read_fields(LayerStack& stack, std::string_view wanted, Position at, const FetchOptions& options,
                   const DefinitionPtr& asked, const LayerCommits& commits) {
    auto whole = options;
    whole.fields.clear();
    const auto& heads = stack.snapshot().heads;
    const bool is_newest = std::ranges::equal(commits.commits, heads, {}, {}, &index::CommitHead::seq);
    if (!is_newest) {
        // Which versions and rules there were then, the whole read knows.
        auto answer = stack.read(wanted, at, whole, asked, commits);
        if (!answer->layout) return answer;
        auto some = std::make_shared<const StructDefinition>(schema::select_elements(*answer->layout, options.fields));
        return project(answer, some);
    }
    const auto name = find_name(stack, wanted);
    if (!name) stack.throw_unknown(wanted);
    const auto base = asked ? asked : get_definition(stack, name->struct_name, options.schema);
    const auto layout = std::make_shared<const StructDefinition>(schema::select_elements(*base, options.fields));
    // Rules lead to recorded layouts, of which this is none; and what is whose former name shows in whole layouts only.
    const auto rules = stack.rules_at(commits);
    const auto renames = [](const DefinitionPtr& definition) {
        return std::ranges::any_of(definition->elements,
                                   [](const Element& element) { return !element.renamed_from.empty(); });
    };
    const bool is_plain = (!rules || (!rules->contains(base->name) && !rules->contains(name->struct_name))) &&
                          !renames(base) && std::ranges::none_of(get_definitions(stack, name->struct_name), renames);
    auto without_schema = is_plain ? options : whole;
    without_schema.schema = 0;
    if (is_plain) return stack.read(wanted, at, without_schema, layout, commits);
    return project(stack.read(wanted, at, without_schema, base, commits), layout);
}

}  // namespace etalon::layers
