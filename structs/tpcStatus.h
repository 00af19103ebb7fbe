/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcStatus_H
#define ETALON_STAR_tpcStatus_H

struct tpcStatus {
    unsigned char status[2400];
};

#endif
