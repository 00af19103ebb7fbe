/* Layout 4 of 6, in force from 2004-02-12T23:21:02Z. */
#ifndef ETALON_STAR_spaceChargeCor_H
#define ETALON_STAR_spaceChargeCor_H

struct spaceChargeCor {
    double fullFieldB;
    double halfFieldB;
    double zeroField;
    double halfFieldA;
    double fullFieldA;
    double satRate;
    float factor;
    float detector;
};

#endif
