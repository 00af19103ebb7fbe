/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcElectronics_H
#define ETALON_STAR_tpcElectronics_H

struct tpcElectronics {
    int numberOfTimeBins;
    double nominalGain;        /* [mV/fC] */
    double samplingFrequency;  /* [MHz] */
    double tZero;              /* [us] */
    double adcCharge;          /* [fC/adc count] */
    double adcConversion;      /* [mV/adc count] */
    double averagePedestal;    /* [adc counts] */
    double shapingTime;        /* [ns] */
    double tau;                /* [ns] */
};

#endif
