/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_controlEmcPmtSimulator_H
#define ETALON_STAR_controlEmcPmtSimulator_H

struct controlEmcPmtSimulator {
    int mode;
    int maxAdc;
    float maxEnergy;
    float sfCoeff[3];
    float depMip;
    float npheMip;
    int typeOfPmt;
    int pedDistribution;
    float pedMean;
    float pedRMS;
};

#endif
