/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcAvCurrent_H
#define ETALON_STAR_tpcAvCurrent_H

struct tpcAvCurrent {
    int run;
    float currentI;  /* [uA] */
    float currentO;  /* [uA] */
    float chargeI;   /* [C] */
    float chargeO;   /* [C] */
};

#endif
