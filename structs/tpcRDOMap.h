/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcRDOMap_H
#define ETALON_STAR_tpcRDOMap_H

struct tpcRDOMap {
    int idx;
    int nrows;
    unsigned char row;
    unsigned char padMin;
    unsigned char padMax;
    unsigned char rdo;
};

#endif
