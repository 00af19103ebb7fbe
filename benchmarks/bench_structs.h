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

/* Fifty members, of which a program wants one. */
struct BenchMonitor {
    double a0, a1, a2, a3, a4, a5, a6, a7, a8, a9; /* [V] */
    double b0, b1, b2, b3, b4, b5, b6, b7, b8, b9; /* [V] */
    double c0, c1, c2, c3, c4, c5, c6, c7, c8, c9; /* [V] */
    double d0, d1, d2, d3, d4, d5, d6, d7, d8, d9; /* [V] */
    double e0, e1, e2, e3, e4, e5, e6, e7, e8, e9; /* [V] */
};

#endif
