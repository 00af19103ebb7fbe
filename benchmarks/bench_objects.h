#ifndef BENCH_OBJECTS_H
#define BENCH_OBJECTS_H

#include <etalon/ref.h>

/* The objects of the benchmarks: images of sessions of users. What the bare tables keep has identities and doubles
 * only.
 */

struct BenchUser {
    char name[32];
};

struct BenchThing { /* an instrument, a preset, a stage position, ... */
    double number;
    double value;
};

struct BenchSession {
    ETALON_UID uid;
    ETALON_REF(BenchUser) user;
    double number;
};

struct BenchImage {
    ETALON_UID uid;
    ETALON_REF(BenchSession) session;
    ETALON_REF(BenchUser) by;
    ETALON_REF(BenchThing) instrument;
    ETALON_REF(BenchThing) camera;
    ETALON_REF(BenchThing) preset;
    ETALON_REF(BenchThing) label;
    ETALON_REF(BenchThing) stage;
    ETALON_REF(BenchThing) calibration;
    double v0, v1, v2, v3, v4, v5, v6, v7;
};

#endif
