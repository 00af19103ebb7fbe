/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_eemcDbADCconf_H
#define ETALON_STAR_eemcDbADCconf_H

struct eemcDbADCconf {
    char name[16000];
    int crate[1000];
    int channel[1000];
    char comment[160];
};

#endif
