/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_fpsPosition_H
#define ETALON_STAR_fpsPosition_H

struct fpsPosition {
    unsigned short slatid;
    float xwidth;           /* [cm] */
    float ywidth;           /* [cm] */
    float zwidth;           /* [cm] */
    float xoffset;          /* [cm] */
    float yoffset;          /* [cm] */
    float zoffset;          /* [cm] */
};

#endif
