/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_sgr_pixmap_H
#define ETALON_STAR_sgr_pixmap_H

struct sgr_pixmap {
    int NHitsMax;
    int NPhi;
    int NZ;
    float PhiMin;
    float PhiMax;
    float ZMin;
    float ZMax;
};

#endif
