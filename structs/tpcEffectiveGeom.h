/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcEffectiveGeom_H
#define ETALON_STAR_tpcEffectiveGeom_H

struct tpcEffectiveGeom {
    double drift_length_correction;  /* [cm] */
    double z_inner_offset;           /* [cm] */
    double z_outer_offset;           /* [cm] */
    double z_inner_offset_West;      /* [cm] */
    double z_outer_offset_West;      /* [cm] */
};

#endif
