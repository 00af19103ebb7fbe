#ifndef BENCH_OBJECTS_H
#define BENCH_OBJECTS_H

/* Objects of a microscope, as the benchmarks of objects put and ask for them. */

#include <etalon/ref.h>

struct BenchGroup {
    char name[32];
};

struct BenchUser {
    char name[64];
    char username[32];
    ETALON_REF(BenchGroup) group;
};

struct BenchInstrument {
    char name[32];
    double tension; /* [kV] */
};

struct BenchCamera {
    char name[32];
    int width, height;
};

struct BenchPreset {
    char name[32];
    double magnification;
    double dose;
};

struct BenchStage {
    double x, y, z; /* [um] */
    double alpha;   /* [deg] */
};

struct BenchSession {
    ETALON_UID uid;
    char name[64];
    ETALON_REF(BenchUser) user;
};

struct BenchImage {
    ETALON_UID uid;
    ETALON_REF(BenchSession) session;
    ETALON_REF(BenchUser) by;
    ETALON_REF(BenchInstrument) instrument;
    ETALON_REF(BenchCamera) camera;
    ETALON_REF(BenchPreset) preset;
    ETALON_REF(BenchPreset) focus;
    ETALON_REF(BenchStage) stage;
    ETALON_REF(BenchImage) parent; /* null of the first of a session */
    long long taken;               /* [ns] */
    double defocus;                /* [um] */
    double dose;
    char name[32];
};

#endif
