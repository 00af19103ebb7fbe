/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_cts_mpara_H
#define ETALON_STAR_cts_mpara_H

struct cts_mpara {
    int init;
    int geo_from_geant;
    int adc_overflow;
    int tdc_overflow;
    int slat_para;
    float amax_noise;
    float amin_noise;
    float attlen;
    float cath_eff;
    float cath_surf;
    float delay;
    float elec_noise;
    float gain;
    float gate_t0;
    float gate_width;
    float position_tolerance;
    float GeV_2_n_photons;
    float nphe_to_adc;
    float nphe_yield;
    float phys_noise;
    float surf_loss;
    float start_res;
    float time_res;
    float tmax_noise;
    float tmin_noise;
    int n_z;
    int n_d;
    int n_time;
    float z_grid[20];
    float d_grid[20];
    float slat_response[100];
    float time_response[100];
    int zero_suppression;
};

#endif
