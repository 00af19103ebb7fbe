/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcGas_H
#define ETALON_STAR_tpcGas_H

struct tpcGas {
    float barometricPressure;     /* [mbar] */
    float inputTPCGasPressure;    /* [mbar] */
    float nitrogenPressure;       /* [mbar] */
    float gasPressureDiff;        /* [mbar] */
    float inputGasTemperature;
    float outputGasTemperature;
    float flowRateArgon1;
    float flowRateArgon2;
    float flowRateMethane;
    float percentMethaneIn;       /* [percent] */
    float ppmOxygenIn;            /* [ppm] */
    float flowRateExhaust;
    float percentMethaneOut;      /* [ppm] */
    float ppmWaterOut;            /* [ppm] */
    float ppmOxygenOut;
    float flowRateRecirculation;
};

#endif
