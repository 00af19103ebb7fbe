/* Layout 2 of 4, in force from 1999-06-21T22:21:27Z. */
#ifndef ETALON_STAR_tkf_tkfpar_H
#define ETALON_STAR_tkf_tkfpar_H

struct tkf_tkfpar {
    float dcaParentDaughterMax;
    float parentPtMin;
    float vertexRMax2D;
    float vertexRMin2D;
    float thetaMin;
    short numOfPadRows;
    float parentDipAngleMax;
    float impactCut;
    float parentLastDaughterStart2D;
    float parentLastDaughterStartZ;
    float projectPointZDiff;
    float distanceKinkParent2D;
    float distanceKinkDaughter2D;
    float distanceKinkParentZ;
    float distanceKinkDaughterZ;
};

#endif
