/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_fpsChannelGeometry_H
#define ETALON_STAR_fpsChannelGeometry_H

struct fpsChannelGeometry {
    unsigned short quad;
    unsigned short layer;
    unsigned short nslat;
};

#endif
