/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_mwc_geo_H
#define ETALON_STAR_mwc_geo_H

struct mwc_geo {
    int init;
    int neta;
    int nphi;
    float r1max;
    float r1min;
    float r2max;
    float r2min;
};

#endif
