/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_dst_dedx_H
#define ETALON_STAR_dst_dedx_H

struct dst_dedx {
    float dedx[2];
    int id_track;
    int det_id;
    int method;
    int ndedx;
};

#endif
