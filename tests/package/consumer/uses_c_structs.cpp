#include "c_structs_structs.h"

static_assert(etalon::Reflected<scales>);
static_assert(!etalon::StructTraits<scales>::kDefinition.empty());
