/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tofConfig_H
#define ETALON_STAR_tofConfig_H

struct tofConfig {
    int nTrays;
    int nModules;
    int nCells;
};

#endif
