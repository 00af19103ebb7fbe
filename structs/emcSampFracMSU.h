/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emcSampFracMSU_H
#define ETALON_STAR_emcSampFracMSU_H

struct emcSampFracMSU {
    float constant;
    float a;
    float b;
    float last_tower;
};

#endif
