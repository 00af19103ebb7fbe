/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcOmegaTau_H
#define ETALON_STAR_tpcOmegaTau_H

struct tpcOmegaTau {
    float tensorV1;
    float tensorV2;
    unsigned short distortionCorrectionsMode;
};

#endif
