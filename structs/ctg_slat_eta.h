/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ctg_slat_eta_H
#define ETALON_STAR_ctg_slat_eta_H

struct ctg_slat_eta {
    int ieta;
    float cosang;
    float eta;
    float eta_max;
    float eta_min;
    float r;
    float z;
    float z_max;
    float z_min;
};

#endif
