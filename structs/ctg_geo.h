/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ctg_geo_H
#define ETALON_STAR_ctg_geo_H

struct ctg_geo {
    int init;
    int detector;
    int i_eta_max;
    int i_eta_min;
    int i_phi_max;
    int i_phi_min;
    int n_counter_eta;
    int n_counter_phi;
    int n_tray_eta;
    int n_tray_phi;
    float counter_thickness;
    float counter_width;
    float r;
    float tray_height;
    float tray_width;
    float tray_length;
    float tray_phi_zero;
};

#endif
