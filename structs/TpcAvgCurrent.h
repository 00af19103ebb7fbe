/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TpcAvgCurrent_H
#define ETALON_STAR_TpcAvgCurrent_H

struct TpcAvgCurrent {
    int run;
    int start_time;
    int stop_time;
    float AvCurrent[192];  /* [muA] */
    float AcCharge[192];   /* [C] */
};

#endif
