/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcDeflection_H
#define ETALON_STAR_ftpcDeflection_H

struct ftpcDeflection {
    float psi[11010];
};

#endif
