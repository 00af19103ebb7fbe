/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_srs_activea_H
#define ETALON_STAR_srs_activea_H

struct srs_activea {
    int id;
    float param[10];
};

#endif
