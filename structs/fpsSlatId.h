/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_fpsSlatId_H
#define ETALON_STAR_fpsSlatId_H

struct fpsSlatId {
    unsigned short slatid;
    unsigned short quad;
    unsigned short layer;
    unsigned short slat;
};

#endif
