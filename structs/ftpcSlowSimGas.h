/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcSlowSimGas_H
#define ETALON_STAR_ftpcSlowSimGas_H

struct ftpcSlowSimGas {
    float electricField;
    float driftVelocity;
    float diffusionZ;
    float diffusionX;
    float diffusionY;
    float lorentzAngle;
};

#endif
