/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcHighVoltages_H
#define ETALON_STAR_tpcHighVoltages_H

struct tpcHighVoltages {
    float cathode;
    float gatedGridRef;
    float gridLeakWallTip[24];
    float gridLeakWallSide[24];
};

#endif
