/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcAcCharge_H
#define ETALON_STAR_tpcAcCharge_H

struct tpcAcCharge {
    float chargeI;
    float chargeO;
};

#endif
