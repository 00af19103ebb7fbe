/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_starClockOnl_H
#define ETALON_STAR_starClockOnl_H

struct starClockOnl {
    unsigned int runNumber;
    unsigned int time;
    double frequency;        /* [Hz] */
};

#endif
