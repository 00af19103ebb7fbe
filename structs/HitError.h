/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_HitError_H
#define ETALON_STAR_HitError_H

struct HitError {
    double coeff[6];
};

#endif
