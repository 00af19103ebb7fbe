/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpt_track_H
#define ETALON_STAR_tpt_track_H

struct tpt_track {
    int flag;
    int hitid;
    int id;
    int id_globtrk;
    int ndedx;
    int nfit;
    int nrec;
    int npos;
    int q;
    float chisq[2];
    float cov[15];
    float dedx[2];
    float invp;
    float curvature;
    float length;
    float phi0;
    float psi;
    float r0;
    float tanl;
    float z0;
};

#endif
