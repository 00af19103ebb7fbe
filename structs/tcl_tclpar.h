/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tcl_tclpar_H
#define ETALON_STAR_tcl_tclpar_H

struct tcl_tclpar {
    int decon;
    int mc;
    int mf_cpad;
    int mf_ctim;
    int mf_min;
    int min_nseq;
    int tfit;
    int triage;
    float dxy_fact;
    float dz_fact;
    float mf_pv;
    float triage_rmscut;
};

#endif
