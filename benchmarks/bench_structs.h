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

/* 100,000 doubles as many short rows, and as one long array: what the proof of large payloads costs. */
struct BenchSamples {
    double s0, s1, s2, s3, s4, s5, s6, s7, s8, s9; /* [mV] */
};

struct BenchWave {
    double sample[100000]; /* [mV] */
};

#endif
