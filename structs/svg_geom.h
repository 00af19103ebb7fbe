/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_svg_geom_H
#define ETALON_STAR_svg_geom_H

struct svg_geom {
    int id;
    int id_shape;
    int ladder;
    int layer;
    int num_chip;
    float d[3];
    float n[3];
    float t[3];
    float x[3];
};

#endif
