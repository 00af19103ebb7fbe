/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcT0_H
#define ETALON_STAR_tpcT0_H

struct tpcT0 {
    float T0[45][182];
};

#endif
