/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcSectorT0offset_H
#define ETALON_STAR_tpcSectorT0offset_H

struct tpcSectorT0offset {
    float t0[48];
};

#endif
