/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emcPatchTrigger_H
#define ETALON_STAR_emcPatchTrigger_H

struct emcPatchTrigger {
    int PatchNumber;
    float Eta;
    float Phi;
    int TowerId[16];
    float PatchEt6bits;
    float HighTowerEt6bits;
    int HighTowerId;
    float Ratio;
    int PatchAdcSum6bits;
    int HighTowerAdc6bits;
    int PatchBits[32];
    int HighTowerBits[32];
    int RatioBits[32];
};

#endif
