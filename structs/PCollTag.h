/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_PCollTag_H
#define ETALON_STAR_PCollTag_H

struct PCollTag {
    int chargedMultiplicity;
    int numberOfPhotonClusters;
    int numberOfElectronsInEmc;
    int numberOfPrimaryTracks;
    float vectorSumOfPt;
    float totalCharge;
    float pseudorapidityOfEvent;
    float zdc1Energy;
    float zdc2Energy;
};

#endif
