/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_pmdUMDimensions_H
#define ETALON_STAR_pmdUMDimensions_H

struct pmdUMDimensions {
    int DetectorID;
    int SuperModuleID;
    int FEEChainNumber;
    int StartBoardNumber;
    int EndBoardNumber;
    char BoardStatus[16];
};

#endif
