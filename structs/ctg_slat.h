/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ctg_slat_H
#define ETALON_STAR_ctg_slat_H

struct ctg_slat {
    int i_eta;
    int i_phi;
    float cc_adc;
    float cc_tdc;
    float offset_adc;
    float offset_tdc;
    float ods_adc;
    float ods_tdc;
};

#endif
