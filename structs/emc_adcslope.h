/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emc_adcslope_H
#define ETALON_STAR_emc_adcslope_H

struct emc_adcslope {
    float p0;
};

#endif
