/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_svg_config_H
#define ETALON_STAR_svg_config_H

struct svg_config {
    int cap_nshape;
    int cap_shape_id;
    int cap_trackmed;
    int frame_trackmed;
    int layer_drift[10];
    int n_ladder[10];
    int n_layer;
    int n_wafer[10];
    float be_support_thick[10];
    float be_support_width[10];
    float cap_position;
    float cap_shape[20];
    float frame_al_length[10];
    float frame_al_thick[10];
    float frame_al_width[10];
    float frame_cs_length[10];
    float frame_cs_thick[10];
    float frame_cs_width[10];
    float frame_length[10];
    float frame_si_length[10];
    float frame_si_thick[10];
    float frame_si_width[10];
    float frame_thick[10];
    float frame_width[10];
    float layer_back[10];
    float layer_lateral[10];
    float layer_longi[10];
    float layer_phioff[10];
    float layer_radial[10];
    float layer_radius[10];
    float layer_shape[10];
    float size[3];
    float water_channel_thick[10];
    float water_channel_width[10];
    float x[3];
};

#endif
