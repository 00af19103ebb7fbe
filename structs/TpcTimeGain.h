/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TpcTimeGain_H
#define ETALON_STAR_TpcTimeGain_H

struct TpcTimeGain {
    float ScaleFactor;
    float ErrorScaleFactor;
};

#endif
