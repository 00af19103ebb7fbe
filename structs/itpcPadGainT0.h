/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_itpcPadGainT0_H
#define ETALON_STAR_itpcPadGainT0_H

struct itpcPadGainT0 {
    int run;
    float Gain[24][40][120];
    float T0[24][40][120];
};

#endif
