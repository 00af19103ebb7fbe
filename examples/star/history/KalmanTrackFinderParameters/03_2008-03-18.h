/* Layout 3 of 5, in force from 2008-03-18T22:42:36Z. */
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
    double maxDca2dZeroXY;
    double maxDca3dVertex;
};

#endif
