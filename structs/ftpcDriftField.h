/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcDriftField_H
#define ETALON_STAR_ftpcDriftField_H

struct ftpcDriftField {
    int numberOfEFieldBinsUsed;
    int maximumNumberOfEFieldBins;
    float driftCathodeVoltage;      /* [kV] */
    float minimumDriftField;
    float stepSizeDriftField;
    float radiusTimesField;
};

#endif
