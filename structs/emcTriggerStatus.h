/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emcTriggerStatus_H
#define ETALON_STAR_emcTriggerStatus_H

struct emcTriggerStatus {
    unsigned char PatchStatus[300];
    unsigned char HighTowerStatus[300];
    unsigned char TowerStatus[30][160];
};

#endif
