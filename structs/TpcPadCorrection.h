/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TpcPadCorrection_H
#define ETALON_STAR_TpcPadCorrection_H

struct TpcPadCorrection {
    char HistName[32];
    char Type[8];
    short npads;
    short InOut;
    short N;
    short R;
    double a0;
    double a1;
    double a2;
    double a3;
    double a4;
    double a5;
    double a6;
    double a7;
    double a8;
    double a9;
    double prob;
};

#endif
