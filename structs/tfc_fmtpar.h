/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tfc_fmtpar_H
#define ETALON_STAR_tfc_fmtpar_H

struct tfc_fmtpar {
    int nped_samples[6];
    int npuls_samples[6];
    int event_type;
    int ped_subtract;
    int thresh;
    float times_rms;
    float ave_gain;
    int first_bucket;
    int last_bucket;
    int only_type;
    int data_size;
    int printf;
};

#endif
