/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emcTowerGain_H
#define ETALON_STAR_emcTowerGain_H

struct emcTowerGain {
    int year;
    int day;
    int run;
    float Mean[4800];
    float RMS[4800];
    float Sum[4800];
    float SumAbove30[4800];
    float SumAbove80[4800];
};

#endif
