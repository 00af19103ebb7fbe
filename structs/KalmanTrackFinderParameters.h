/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_KalmanTrackFinderParameters_H
#define ETALON_STAR_KalmanTrackFinderParameters_H

struct KalmanTrackFinderParameters {
    int useMcAsRec;
    int useTrackFilter;
    int elossCalculated;
    int mcsCalculated;
    int maxNullCount;
    int maxContigNullCount;
    int minCountForReset;
    int mHitRegions;
    int mHitWeights;
    double maxChi2Vertex;
    double massHypothesis;
    double maxDca2dZeroXY;
    double maxDca3dVertex;
};

#endif
