/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_MDFCorrection4_H
#define ETALON_STAR_MDFCorrection4_H

struct MDFCorrection4 {
    unsigned char idx;
    unsigned char nrows;
    unsigned char PolyType;
    unsigned char NVariables;
    unsigned char NCoefficients;
    unsigned char Power[150];
    double DMean;
    double XMin[4];
    double XMax[4];
    double Coefficients[50];
    double CoefficientsRMS[50];
};

#endif
