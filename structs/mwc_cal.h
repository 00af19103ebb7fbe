/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_mwc_cal_H
#define ETALON_STAR_mwc_cal_H

struct mwc_cal {
    float cc;
    float pd;
    float ps;
};

#endif
