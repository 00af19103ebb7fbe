/* Layout 1 of 5, in force from 2000-02-07T23:10:26Z. */
#ifndef ETALON_STAR_tpcPadPlanes_H
#define ETALON_STAR_tpcPadPlanes_H

struct tpcPadPlanes {
    int padRows;
    int innerPadRows;
    int innerPadRows48;
    int innerPadRows52;
    int outerPadRows;
    int superInnerPadRows;
    int superOuterPadRows;
    double innerSectorPadWidth;
    double innerSectorPadLength;
    double innerSectorPadPitch;
    double innerSectorRowPitch1;
    double innerSectorRowPitch2;
    double firstPadRow;
    double firstOuterSectorPadRow;
    double lastOuterSectorPadRow;
    double firstRowWidth;
    double lastRowWidth;
    double outerSectorPadWidth;
    double outerSectorPadLength;
    double outerSectorPadPitch;
    double outerSectorRowPitch;
    double outerSectorLength;
    double ioSectorSeparation;
    double innerSectorEdge;
    double outerSectorEdge;
    double innerSectorPadPlaneZ;
    double outerSectorPadPlaneZ;
    int innerPadsPerRow[13];
    int outerPadsPerRow[32];
    double innerRowRadii[13];
    double outerRowRadii[32];
};

#endif
