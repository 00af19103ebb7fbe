/* Layout 5 of 6, in force from 2005-08-04T18:40:06Z. */
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
};

#endif
