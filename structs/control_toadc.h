/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_control_toadc_H
#define ETALON_STAR_control_toadc_H

struct control_toadc {
    short mode[8];
    short zero_sup[8];
    float energy[8];
    float dep_mip[8];
    float nphe_mip[8];
    float c1[8];
    float c2[8];
    float c3[8];
};

#endif
