#pragma once
/// Everything a reading or writing program needs.

#include "etalon/answer.h"
#include "etalon/database.h"
#include "etalon/definition.h"
#include "etalon/diff.h"
#include "etalon/error.h"
#include "etalon/explain.h"
#include "etalon/federation.h"
#include "etalon/history.h"
#include "etalon/interval.h"
#include "etalon/lint.h"
#include "etalon/parameters.h"
#include "etalon/rows.h"
#include "etalon/runs.h"
#include "etalon/time.h"
#include "etalon/traits.h"
#include "etalon/verify.h"
