/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcVoltageStatus_H
#define ETALON_STAR_ftpcVoltageStatus_H

struct ftpcVoltageStatus {
    unsigned int runNumber;
    unsigned int startStatusTime;
    unsigned int endStatusTime;
    unsigned int statusWest;
    unsigned int statusEast;
};

#endif
