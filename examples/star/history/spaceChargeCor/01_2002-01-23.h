/* Layout 1 of 6, in force from 2002-01-23T18:52:18Z. */
#ifndef ETALON_STAR_spaceChargeCor_H
#define ETALON_STAR_spaceChargeCor_H

struct spaceChargeCor {
    double fullFieldB;
    double halfFieldB;
    double zeroField;
    double halfFieldA;
    double fullFieldA;
};

#endif
