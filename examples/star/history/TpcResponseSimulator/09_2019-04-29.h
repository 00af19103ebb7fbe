/* Layout 9 of 12, in force from 2019-04-29T20:10:24Z. */
#ifndef ETALON_STAR_TpcResponseSimulator_H
#define ETALON_STAR_TpcResponseSimulator_H

struct TpcResponseSimulator {
    float I0;                     /* [eV] */
    float Cluster;
    float W;                      /* [eV] */
    float OmegaTau;
    float K3IP;                   /* [pads] */
    float K3IR;
    float K3OP;                   /* [pads] */
    float K3OR;
    float FanoFactor;
    float AveragePedestal;
    float AveragePedestalRMS;
    float AveragePedestalRMSX;
    float tauIntegration;         /* [secs] */
    float tauF;                   /* [secs] */
    float tauP;                   /* [secs] */
    float tauXI;                  /* [secs] */
    float tauXO;                  /* [secs] */
    float tauCI;
    float tauCO;
    float SigmaJitterTI;
    float SigmaJitterTO;
    float SigmaJitterXI;
    float SigmaJitterXO;
    float longitudinalDiffusion;  /* [cm/sqrt(cm)] */
    float transverseDiffusion;    /* [cm/sqrt(cm)] */
    float NoElPerAdc;
    float NoElPerAdcI;
    float NoElPerAdcO;
    float NoElPerAdcX;
    float OmegaTauScaleI;
    float OmegaTauScaleO;
    float SecRowCorIW[2];
    float SecRowCorOW[2];
    float SecRowCorIE[2];
    float SecRowCorOE[2];
    float SecRowSigIW[2];
    float SecRowSigOW[2];
    float SecRowSigIE[2];
    float SecRowSigOE[2];
    float PolyaInner;
    float PolyaOuter;
    float T0offset;
    float T0offsetI;
    float T0offsetO;
    float FirstRowC;
};

#endif
