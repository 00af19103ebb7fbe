/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcClusterPars_H
#define ETALON_STAR_ftpcClusterPars_H

struct ftpcClusterPars {
    int gaussFittingFlags;
    int minimumClusterMaxADC;
    int numberOfDriftSteps;
    int orderOfDiffusionErrors;
    float padDiffusionErrors[3];      /* [cm] */
    float timeDiffusionErrors[3];     /* [cm] */
    float lorentzAngleFactor;
    float padBadFitError;
    float timeBadFitError;
    float padUnfoldError;
    float timeUnfoldError;
    float padFailedFitError;
    float timeFailedFitError;
    float padCutoffClusterError;
    float timeCutoffClusterError;
    float padSaturatedClusterError;
    float timeSaturatedClusterError;
    float twoPadWeightedError;
    float twoPadGaussError;
    float threePadWeightedError;
    float threePadGaussError;
    float zDirectionError;
    int maxNumSequences;
    int maxNumSeqPeaks;
    int maxNumPeaks;
    int maxNumCUC;
    int maxLoops;
    int maxFastLoops;
    float unfoldLimit;
    float unfoldFailedLimit;
    float normalizedNowPressure;      /* [hPa] */
    float adjustedAirPressureWest;
    float adjustedAirPressureEast;
    float gasTemperatureWest;
    float gasTemperatureEast;
};

#endif
