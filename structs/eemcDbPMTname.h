/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_eemcDbPMTname_H
#define ETALON_STAR_eemcDbPMTname_H

struct eemcDbPMTname {
    char name[960];
    char tubeName[960];
    char comment[160];
};

#endif
