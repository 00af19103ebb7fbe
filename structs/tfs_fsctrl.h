/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tfs_fsctrl_H
#define ETALON_STAR_tfs_fsctrl_H

struct tfs_fsctrl {
    int init;
    int print;
    int rndm;
    int sys_test;
    float alpha_hi;      /* [deg] */
    float alpha_lo;      /* [deg] */
    float drmin;         /* [pads] */
    float dzmin;
    float merge_r;       /* [pads] */
    float merge_z;       /* [bins] */
    float reslim;        /* [cm] */
    float sigma0[4];
    float ang_wireF[4];
    float ang_padF[4];
    float sprf_0[2];
    float sprf_dr0[4];
    float sprf_ta[2];
};

#endif
