/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcDriftVelocity_H
#define ETALON_STAR_tpcDriftVelocity_H

struct tpcDriftVelocity {
    float laserDriftVelocityEast;    /* [cm/us] */
    float laserDriftVelocityWest;    /* [cm/us] */
    float cathodeDriftVelocityEast;  /* [cm/us] */
    float cathodeDriftVelocityWest;  /* [cm/us] */
};

#endif
