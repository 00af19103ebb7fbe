/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_MagFactor_H
#define ETALON_STAR_MagFactor_H

struct MagFactor {
    float ScaleFactor;
};

#endif
