/* Layout 4 of 5, in force from 2008-03-20T01:29:25Z. */
#ifndef ETALON_STAR_KalmanTrackFinderParameters_H
#define ETALON_STAR_KalmanTrackFinderParameters_H

struct KalmanTrackFinderParameters {
    int useMcAsRec;
    int useTrackFilter;
    int elossCalculated;
    int mcsCalculated;
    double field;
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
