/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcPedestal_H
#define ETALON_STAR_tpcPedestal_H

struct tpcPedestal {
    float Pedestal[100][182];
    float Rms[100][182];
};

#endif
