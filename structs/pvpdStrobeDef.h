/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_pvpdStrobeDef_H
#define ETALON_STAR_pvpdStrobeDef_H

struct pvpdStrobeDef {
    int id;
    int strobeTdcMin;
    int strobeTdcMax;
};

#endif
