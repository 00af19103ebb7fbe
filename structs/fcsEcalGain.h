/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_fcsEcalGain_H
#define ETALON_STAR_fcsEcalGain_H

struct fcsEcalGain {
    float gain[1496];
};

#endif
