#ifndef BENCH_STRUCTS_H
#define BENCH_STRUCTS_H

/* The constants of the benchmarks. What the bare readers read has scalars only, so that they need no parser of arrays.
 */

struct BenchGain { /* the small struct of the point reads */
    float g00, g01, g02, g03, g04, g05, g06, g07, g08, g09;
    float g10, g11, g12, g13, g14, g15, g16, g17, g18, g19;
};

struct BenchDrift {
    double velocity;    /* [cm/us] */
    double laser;       /* [cm/us] */
    double pressure;    /* [mbar] */
    double temperature; /* [K] */
    int flag;
    int count;
};

struct BenchAlign {
    double x, y, z;         /* [cm] */
    double phi, theta, psi; /* [rad] */
};

struct BenchTrigger {
    int id, mask, prescale;
    float threshold, offset; /* [mV] */
};

struct BenchCurrent {
    float inner, outer, sum; /* [nA] */
    double charge;           /* [C] */
};

#endif
