/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcPadrowT0_H
#define ETALON_STAR_tpcPadrowT0_H

struct tpcPadrowT0 {
    float T0[100];
};

#endif
