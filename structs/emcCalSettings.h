/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emcCalSettings_H
#define ETALON_STAR_emcCalSettings_H

struct emcCalSettings {
    int DataType;
    int UseL3Tracks;
    float ZVertexCut;
    int NEtaBins;
    float EtaBinWidth;
    int DoEqualization;
    int EqualizationMethod;
    float EqEventsPerBin;
    float EqMinNumberOfTracks;
    float EqMinOccupancy;
    int UseMipCalib;
    int UseMipEtaBin;
    float EOverMipCte;
    int MipPeakFitFuntion;
    float MipEventsPerBin;
    float MipMaxNumberOfTracks;
    float MipMinOccupancy;
    float MipMinimumMomentum;
    int UsePi0Calib;
    int UseElectronCalib;
    int DoPedSubtraction;
    int DoEffPedCalculation;
    int DoEffPedSubtraction;
    int EffPedMethod;
    float EffPedEventsPerBin;
    float EffPedMinOccupancy;
    float EffPedMaxNumberOfTracks;
};

#endif
