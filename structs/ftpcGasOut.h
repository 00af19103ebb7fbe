/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcGasOut_H
#define ETALON_STAR_ftpcGasOut_H

struct ftpcGasOut {
    unsigned int runNumber;
    double gasOutEast;
    double gasOutWest;
    double body1East;
    double body1West;
    double body2East;
    double body2West;
    double body3East;
    double body3West;
    double body4East;
    double body4West;
    double body5East;
    double body5West;
    double body6East;
    double body6West;
};

#endif
