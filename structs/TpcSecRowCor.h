/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TpcSecRowCor_H
#define ETALON_STAR_TpcSecRowCor_H

struct TpcSecRowCor {
    float GainScale[100];
    float GainRms[100];
};

#endif
