/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_starMagAvg_H
#define ETALON_STAR_starMagAvg_H

struct starMagAvg {
    unsigned int runNumber;
    unsigned int startRunTime;
    unsigned int endRunTime;
    unsigned int noEntries;
    double current;
    double rms;
};

#endif
