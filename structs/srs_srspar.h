/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_srs_srspar_H
#define ETALON_STAR_srs_srspar_H

struct srs_srspar {
    int id_active[10];
    int init_ran;
    int merge;
    int method;
    int nsca;
    float bucket;
    float enc;
    float fsca;
    float pitch;        /* [cm] */
    float shaper;       /* [s] */
    float thickness;
    float vd;
};

#endif
