/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_stk_vtx_H
#define ETALON_STAR_stk_vtx_H

struct stk_vtx {
    int flag;
    int id;
    float cov[6];
    float t;
    float x[3];
};

#endif
