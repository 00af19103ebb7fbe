/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_Survey_H
#define ETALON_STAR_Survey_H

struct Survey {
    int Id;
    double r00;
    double r01;
    double r02;
    double r10;
    double r11;
    double r12;
    double r20;
    double r21;
    double r22;
    double t0;
    double t1;
    double t2;
    double sigmaRotX;
    double sigmaRotY;
    double sigmaRotZ;
    double sigmaTrX;
    double sigmaTrY;
    double sigmaTrZ;
    char comment[32];
};

#endif
