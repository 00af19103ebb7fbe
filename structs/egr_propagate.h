/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_egr_propagate_H
#define ETALON_STAR_egr_propagate_H

struct egr_propagate {
    float r;
    float x[3];
    float z;
    int iflag;
};

#endif
