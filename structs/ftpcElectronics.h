/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcElectronics_H
#define ETALON_STAR_ftpcElectronics_H

struct ftpcElectronics {
    double tZero;               /* [us] */
    double uSecondsPerTimebin;  /* [us] */
    double laserTZero;          /* [us] */
    short swapRDO6RDO7East;
};

#endif
