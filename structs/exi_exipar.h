/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_exi_exipar_H
#define ETALON_STAR_exi_exipar_H

struct exi_exipar {
    int use_pid;
    float dca_max;
    float bxi_max;
    float rv_xi;
    float rv_v0;
    float dmass;
    float bpn_v0;
    float pchisq;
};

#endif
