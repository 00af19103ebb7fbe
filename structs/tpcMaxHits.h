/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcMaxHits_H
#define ETALON_STAR_tpcMaxHits_H

struct tpcMaxHits {
    unsigned int maxSectorHits;
    unsigned int maxBinZeroHits;
    char comment[255];
};

#endif
