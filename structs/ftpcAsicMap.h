/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcAsicMap_H
#define ETALON_STAR_ftpcAsicMap_H

struct ftpcAsicMap {
    short EastIsInverted;
    short Asic2EastNotInverted;
};

#endif
