/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_sdm_calib_par_H
#define ETALON_STAR_sdm_calib_par_H

struct sdm_calib_par {
    int i_seed;
    int barrel_ped;
    int wafer_sig;
    int alice_sig;
    int strip_P_sig;
    int strip_N_sig;
    int strip_P_noise;
    int strip_N_noise;
    int strip_P_noise_sig;
    int strip_N_noise_sig;
    float n_strip_P_factor;
    float n_strip_N_factor;
    float n_noisy_strip;
};

#endif
