/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcAltroParams_H
#define ETALON_STAR_tpcAltroParams_H

struct tpcAltroParams {
    int N;
    int Altro_thr;
    int Altro_seq;
    int Altro_K1;
    int Altro_K2;
    int Altro_K3;
    int Altro_L1;
    int Altro_L2;
    int Altro_L3;
};

#endif
