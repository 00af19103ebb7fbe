/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_fss_param_H
#define ETALON_STAR_fss_param_H

struct fss_param {
    int random_number_gen;
    int adc_threshold;
    int n_grid_points;
    int max_adc;
    int n_int_steps;
    int diff_coarse;
    float adc_conversion;
    float chamber_r_min;         /* [cm] */
    float chamber_r_max;         /* [cm] */
    float chamber_phi_min;       /* [deg] */
    float chamber_phi_max;       /* [deg] */
    float chamber_z_min;         /* [cm] */
    float chamber_cham_length;   /* [cm] */
    float chamber_cath_voltage;  /* [V] */
    float gas_attenuation;
    float gas_gas_gain;
    float gas_avg_ion_pot;       /* [eV] */
    int readout_number_plane;
    float readout_pad_pitch;     /* [cm] */
    float readout_pad_length;    /* [cm] */
    float readout_sigma_prf;     /* [um] */
    float readout_shaper_time;   /* [ns] */
    float readout_slice;         /* [ns] */
};

#endif
