/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_TpcEffectivedX_H
#define ETALON_STAR_TpcEffectivedX_H

struct TpcEffectivedX {
    float scaleInner;
    float scaleOuter;
};

#endif
