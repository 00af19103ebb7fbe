/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_sca_const_H
#define ETALON_STAR_sca_const_H

struct sca_const {
    int num_dim;
    float minbinsize_x;
    float maxbinsize_x;
    float minbinsize_y;
    float maxbinsize_y;
    float step_binsize_x;
    float step_binsize_y;
    float auto_size;
    float xmin;
    float xmax;
    float ymin;
    float ymax;
    float zmin;
    float zmax;
    int num_ranks;
    float rank[10];
    int dithmin;
    float dithscale;
    float perfectdither;
};

#endif
