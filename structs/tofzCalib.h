/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tofzCalib_H
#define ETALON_STAR_tofzCalib_H

struct tofzCalib {
    float z[11];
    float zcorr[11];
};

#endif
