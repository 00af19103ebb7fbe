/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcGasSystem_H
#define ETALON_STAR_ftpcGasSystem_H

struct ftpcGasSystem {
    unsigned int runNumber;
    unsigned int timeOffset;
    double westO2ppm;
    double westO2mv;
    double eastO2ppm;
    double eastO2mv;
    double extO2ppm;
    double extO2mv;
    double westH2Odp;
    double eastH2Odp;
    double flowAr;
    double flowCO2;
};

#endif
