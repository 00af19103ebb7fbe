/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TpcAvgPowerSupply_H
#define ETALON_STAR_TpcAvgPowerSupply_H

struct TpcAvgPowerSupply {
    int run;
    int start_time;
    int stop_time;
    float Current[192];  /* [muA] */
    float Charge[192];   /* [C] */
    float Voltage[192];  /* [V] */
};

#endif
