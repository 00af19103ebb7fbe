/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_sdm_geom_par_H
#define ETALON_STAR_sdm_geom_par_H

struct sdm_geom_par {
    int N_layer;
    int N_ladder;
    int N_waf_per_ladder;
    int N_alice_per_side;
    int N_strip_per_side;
    float L_strip_pitch;
    float L_stereo_angle;
    float L_wafer_tot_l;
    float L_wafer_tot_w;
    float L_wafer_tot_t;
    float L_wafer_act_l;
    float L_wafer_act_w;
};

#endif
