/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_g2t_tpc_hit_H
#define ETALON_STAR_g2t_tpc_hit_H

struct g2t_tpc_hit {
    int id;
    int next_tr_hit_p;
    int track_p;
    int volume_id;
    float de;
    float ds;
    float p[3];
    float tof;
    float x[3];
    float lgam;
    float length;
    float adc;
    float pad;
    float timebucket;
    int np;
    int ne;
    float adcs[3];
    float dNdx;
    float dSSum;
    float dESum;
};

#endif
