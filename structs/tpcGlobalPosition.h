/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcGlobalPosition_H
#define ETALON_STAR_tpcGlobalPosition_H

struct tpcGlobalPosition {
    float LocalxShift;  /* [cm] */
    float LocalyShift;  /* [cm] */
    float LocalzShift;  /* [cm] */
    float PhiXY;        /* [radians] */
    float PhiXZ;        /* [radians] */
    float PhiYZ;        /* [radians] */
    float XX;
    float YY;
    float ZZ;
    float PhiXY_geom;   /* [radians] */
    float PhiXZ_geom;   /* [radians] */
    float PhiYZ_geom;   /* [radians] */
    float XX_geom;
    float YY_geom;
    float ZZ_geom;
};

#endif
