/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_svtRmsAnode_H
#define ETALON_STAR_svtRmsAnode_H

struct svtRmsAnode {
    int ID;
    unsigned char rms[240];
};

#endif
