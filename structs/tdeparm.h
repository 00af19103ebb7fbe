/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tdeparm_H
#define ETALON_STAR_tdeparm_H

struct tdeparm {
    int debug[10];
    int minrow;
    int averaging_method;
    int truncopt;
    int use_glob;
    int usemerge;
    float truncfact;
};

#endif
