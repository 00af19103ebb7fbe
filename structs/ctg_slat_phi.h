/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ctg_slat_phi_H
#define ETALON_STAR_ctg_slat_phi_H

struct ctg_slat_phi {
    int iphi;
    float phi;
    float phi_max;
    float phi_min;
};

#endif
