/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcAnodeHV_H
#define ETALON_STAR_tpcAnodeHV_H

struct tpcAnodeHV {
    unsigned short sector;
    unsigned short socket;
    float voltage;
};

#endif
