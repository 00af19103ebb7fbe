/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_svtHybridDriftVelocity_H
#define ETALON_STAR_svtHybridDriftVelocity_H

struct svtHybridDriftVelocity {
    short type;
    short status;
    int idx;
    int nrows;
    int npar;
    int Id;
    unsigned char barrel;
    unsigned char ladder;
    unsigned char wafer;
    unsigned char hybrid;
    double tmin;
    double dtmin;
    double tmax;
    double dtmax;
    double v0;
    double v1;
    double v2;
    double v3;
    double v4;
    double v5;
    double v6;
    double v7;
    double v8;
    double v9;
};

#endif
