/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emc_pedestal_H
#define ETALON_STAR_emc_pedestal_H

struct emc_pedestal {
    float ped;
};

#endif
