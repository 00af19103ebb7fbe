/* Layout 2 of 5, in force from 2004-02-10T01:45:07Z. */
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
    double maxChi2Vertex;
    double massHypothesis;
};

#endif
