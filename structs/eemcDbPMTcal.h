/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_eemcDbPMTcal_H
#define ETALON_STAR_eemcDbPMTcal_H

struct eemcDbPMTcal {
    char name[960];
    float gain[60];
    float egain[60];
    float hv[60];       /* [V] */
    char comment[160];
};

#endif
