/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcClusterGeom_H
#define ETALON_STAR_ftpcClusterGeom_H

struct ftpcClusterGeom {
    int minTimebin;
    int minTimebinMed;
    int minTimebinOut;
    int maxTimelength;
    int maxTimelengthMed;
    int maxTimelengthOut;
    int maxPadlength;
    int maxPadlengthMed;
    int maxPadlengthOut;
    int deltaTime;
    int deltaPad;
    float minChargeWindow;
};

#endif
