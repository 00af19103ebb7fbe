/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpg_detector_H
#define ETALON_STAR_tpg_detector_H

struct tpg_detector {
    int nsectors;
    float drift_length;
    float radius_in;
    float radius_out;
    float sector_angle;     /* [radians] */
    float vdrift;           /* [cm/s] */
    float e_vdrift;         /* [cm/s] */
    float clock_frequency;
    float trigger_offset;
    float z_inner_offset;   /* [cm] */
};

#endif
