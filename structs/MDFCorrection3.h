/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_MDFCorrection3_H
#define ETALON_STAR_MDFCorrection3_H

struct MDFCorrection3 {
    unsigned char idx;
    unsigned char nrows;
    unsigned char PolyType;
    unsigned char NVariables;
    unsigned char NCoefficients;
    unsigned char Power[150];
    double DMean;
    double XMin[3];
    double XMax[3];
    double Coefficients[50];
    double CoefficientsRMS[50];
};

#endif
