/* From star-bnl/star-sw; see examples/star/README.md. */
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
