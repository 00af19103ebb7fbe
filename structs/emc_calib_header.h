/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_emc_calib_header_H
#define ETALON_STAR_emc_calib_header_H

struct emc_calib_header {
    int date;
    int time;
    int flag;
    short func;
    short det;
    short nmodule;
    short neta;
    short nsub;
};

#endif
