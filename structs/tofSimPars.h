/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tofSimPars_H
#define ETALON_STAR_tofSimPars_H

struct tofSimPars {
    float par_nClusters[4];
    float er;
    float d_inner;           /* [mm] */
    float d_outer;           /* [mm] */
    float d_gap;             /* [mm] */
    int nGaps;
    float alpha;
    int nClustersMax;
    float vDriftMean;        /* [mm/ps] */
    float vDriftErr;
    float nEperCluster;
    float nEMax;
    float vLight;            /* [mm/ps] */
    float qElectron;         /* [A*ps] */
    float Adcthreshold;
    float timeRes;
    int nTbins;
    float TbinWidth;
    float T0;
    float amp;
    float AdcBinWidth;
    float TdcBinWidth;       /* [ps] */
};

#endif
