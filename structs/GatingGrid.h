/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_GatingGrid_H
#define ETALON_STAR_GatingGrid_H

struct GatingGrid {
    float t0;           /* [usec] */
    float settingTime;  /* [usec] */
};

#endif
