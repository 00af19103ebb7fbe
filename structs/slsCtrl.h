/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_slsCtrl_H
#define ETALON_STAR_slsCtrl_H

struct slsCtrl {
    int nElectronInAMip;
    int adcDynamic;
    int a128Dynamic;
    int nbitEncoding;
    int nstripInACluster;
    int daqCutValue;
    int rmsToNoise;
    double pairCreationEnergy;  /* [GeV] */
    double parDiffP;
    double parDiffN;
    double parIndRightP;
    double parIndRightN;
    double parIndLeftP;
    double parIndLeftN;
};

#endif
