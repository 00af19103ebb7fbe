/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcCorrection_H
#define ETALON_STAR_tpcCorrection_H

struct tpcCorrection {
    int type;
    int idx;
    int nrows;
    int npar;
    double OffSet;
    double min;
    double max;
    double a[10];
};

#endif
