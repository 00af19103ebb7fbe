/* Layout 1 of 5, in force from 2004-01-27T20:49:55Z. */
#ifndef ETALON_STAR_KalmanTrackFinderParameters_H
#define ETALON_STAR_KalmanTrackFinderParameters_H

struct KalmanTrackFinderParameters {
    int useMcAsRec;
    int useTrackFilter;
    int elossCalculated;
    int mcsCalculated;
    double field;
    int maxNullCount;
    int maxContiguousNullCount;
    int minContiguousHitCountForNullReset;
    double maxChi2Vertex;
    double massHypothesis;
};

#endif
