/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpt_pars_H
#define ETALON_STAR_tpt_pars_H

struct tpt_pars {
    int debug[10];
    int display;
    int extend;
    int form_uv;
    int form_xy;
    int g1;
    int g2;
    int irow_root_beg;
    int irow_root_end;
    int irow_seg_end;
    int mctest;
    int merge;
    int minfit;
    int mxtry;
    int nhol;
    int nzslic;
    int pass_on;
    float delrlm;
    float delzlm;
    float drlm1;
    float drmax;
    float drplim;
    float drstr;
    float dzlm1;
    float dzmax;
    float dzplim;
    float dzstr;
    float mxweig;
    float prob[2];
    float zslim;
    float lfit;
};

#endif
