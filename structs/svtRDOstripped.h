/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_svtRDOstripped_H
#define ETALON_STAR_svtRDOstripped_H

struct svtRDOstripped {
    int barNum;
    int ladNum;
    char rdo[16];
    float northTemp;
    float southTemp;
    float hvBoardTemp;
    float hvVolt;
    float hvCurr;
    int lvFault;
    int date;
    int time;
    int dateOff;
    int timeOff;
};

#endif
