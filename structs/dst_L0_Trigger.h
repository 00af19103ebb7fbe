/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_dst_L0_Trigger_H
#define ETALON_STAR_dst_L0_Trigger_H

struct dst_L0_Trigger {
    int CPA[32];
    int MWC_CTB_mul;
    int MWC_CTB_dipole;
    int MWC_CTB_topology;
    int MWC_CTB_moment;
    unsigned int TriggerActionWd;
    unsigned int TriggerWd;
    unsigned short DSMInput;
    unsigned char DetectorBusy;
    unsigned short TrgToken;
    unsigned short DSMAddress;
    unsigned char addBits;
};

#endif
