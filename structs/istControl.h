/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_istControl_H
#define ETALON_STAR_istControl_H

struct istControl {
    float kIstChanMaxRmsNoiseLevel;
    float kIstChanMinRmsNoiseLevel;
    float kIstApvMaxCmNoiseLevel;
    float kIstPedCutDefault;
    float kIstHitCutDefault;
    float kIstCMNCutDefault;
    unsigned short kIstMinNumOfRawHits;
    unsigned short kIstMaxNumOfRawHits;
    unsigned char kIstAlldata;
    unsigned char kIstADCdata;
    unsigned char kIstZSdata;
    unsigned char kIstDefaultTimeBin;
    unsigned char kIstCurrentTimeBinNum;
};

#endif
