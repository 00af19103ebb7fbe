/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_fgtStatus_H
#define ETALON_STAR_fgtStatus_H

struct fgtStatus {
    unsigned char Status[51200];
};

#endif
