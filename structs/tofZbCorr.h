/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tofZbCorr_H
#define ETALON_STAR_tofZbCorr_H

struct tofZbCorr {
    short trayId;
    short moduleId;
    short cellId;
    float z[60];
    float corr[60];
};

#endif
