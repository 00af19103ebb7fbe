/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_MDFCorrection_H
#define ETALON_STAR_MDFCorrection_H

struct MDFCorrection {
    unsigned char idx;
    unsigned char nrows;
    unsigned char PolyType;
    unsigned char NVariables;
    unsigned char NCoefficients;
    unsigned char Power[100];
    double DMean;
    double XMin[2];
    double XMax[2];
    double Coefficients[50];
    double CoefficientsRMS[50];
};

#endif
