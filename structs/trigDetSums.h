/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_trigDetSums_H
#define ETALON_STAR_trigDetSums_H

struct trigDetSums {
    unsigned int runNumber;
    unsigned int timeOffset;
    double ctbWest;
    double ctbEast;
    double ctbTOFp;
    double tofp;
    double zdcWest;
    double zdcEast;
    double zdcX;
    double mult;
    double L0;
    double bbcX;
    double bbcXctbTOFp;
    double bbcWest;
    double bbcEast;
    double bbcYellowBkg;
    double bbcBlueBkg;
    double pvpdWest;
    double pvpdEast;
};

#endif
