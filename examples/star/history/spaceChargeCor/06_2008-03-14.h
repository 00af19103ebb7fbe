/* Layout 6 of 6, in force from 2008-03-14T03:07:45Z. */
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
    float offset;
    float ewratio;
};

#endif
