/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tcl_tpc_index_type_H
#define ETALON_STAR_tcl_tpc_index_type_H

struct tcl_tpc_index_type {
    int tphit_mhitstpc;
    int tphit_tpcluster;
    int tphit_tpsegment;
    int tphit_tptrack;
    int tpsegment_mctrack;
    int tptrack_mctrack;
    int tptrack_tpsegment;
};

#endif
