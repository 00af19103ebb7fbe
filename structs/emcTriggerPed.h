/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emcTriggerPed_H
#define ETALON_STAR_emcTriggerPed_H

struct emcTriggerPed {
    unsigned int PedShift;
    unsigned int BitConversionMode[30][10];
    unsigned int Ped[30][160];
};

#endif
