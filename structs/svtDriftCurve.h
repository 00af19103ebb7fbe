/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_svtDriftCurve_H
#define ETALON_STAR_svtDriftCurve_H

struct svtDriftCurve {
    int ID;
    double driftCurve[3][10];
};

#endif
