#include "star/typed_read.h"

#include "all_structs.h"
#include "schema/definition.h"

// Generated traits have a constant here; these are filled in by compiled_structs, so that no program has to run first.
#define ETALON_STAR_TRAITS(NAME)                          \
    template <>                                           \
    struct etalon::StructTraits<::NAME> {                 \
        static constexpr std::string_view kName = #NAME;  \
        static inline std::string kDefinition; /*NOLINT*/ \
    };
ETALON_FOR_EACH_STAR_STRUCT(ETALON_STAR_TRAITS)

namespace etalon::test {
namespace {

template <class T>
TypedRead fetch_typed(Database& db, const std::string& name, Position at) {
    const Rows<T> rows = db.fetch<T>(name, at, {.provenance = true});
    if (rows.status() == Status::Gap) return {rows.answer(), {}};
    return {rows.answer(), std::as_bytes(rows.span())};
}

template <class T>
CompiledStruct compiled(const StructDefinition& definition) {
    StructTraits<T>::kDefinition = schema::to_json(definition);
    return {sizeof(T), alignof(T), &fetch_typed<T>};
}

}  // namespace

std::map<std::string, CompiledStruct> compiled_structs(const std::map<std::string, DefinitionPtr>& definitions) {
    std::map<std::string, CompiledStruct> structs;
#define ETALON_STAR_COMPILED(NAME) structs.emplace(#NAME, compiled<::NAME>(*definitions.at(#NAME)));
    ETALON_FOR_EACH_STAR_STRUCT(ETALON_STAR_COMPILED)
    return structs;
}

}  // namespace etalon::test
