/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcRDOMasks_H
#define ETALON_STAR_tpcRDOMasks_H

struct tpcRDOMasks {
    unsigned int runNumber;
    unsigned int sector;
    unsigned int mask;
};

#endif
