/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emc_jetpar_H
#define ETALON_STAR_emc_jetpar_H

struct emc_jetpar {
    int init;
    int jetmethod;
    int jetweighting;
    float cone_rad;
    float ej_min;
    float et_min;
    float et_seed;
    float par[5];
    float phi_dev;
    float min_cone_move;
    float max_cone_move;
    int mode_bg;
    float prec_bg;
    float eta_max;
    float eta_min;
};

#endif
