/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcPadGainT0B_H
#define ETALON_STAR_tpcPadGainT0B_H

struct tpcPadGainT0B {
    int run;
    float Gain[100][182];
    float T0[100][182];
};

#endif
