/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcFastSimGas_H
#define ETALON_STAR_ftpcFastSimGas_H

struct ftpcFastSimGas {
    int orderOfFastEstimates;
    float driftVelocityEstimates[4];
    float driftTimeEstimates[4];
    float sigmaRadialEstimates[4];
    float sigmaAzimuthalEstimates[4];
    float errorRadialEstimates[4];
    float errorAzimuthalEstimates[4];
};

#endif
