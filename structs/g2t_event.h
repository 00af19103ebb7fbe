/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_g2t_event_H
#define ETALON_STAR_g2t_event_H

struct g2t_event {
    int eg_label;
    int event_type;
    int ge_rndm[2];
    int merge_info[10];
    int n_event;
    int n_part_neut_east;
    int n_part_neut_west;
    int n_part_prot_east;
    int n_part_prot_west;
    int n_run;
    int n_track_eg_fs;
    int n_track_prim;
    int polarization[10];
    int prim_vertex_p;
    float b_impact;
    float phi_impact;
    float time_offset;
    int subprocess_id;
    int n_binary;
    int n_wounded_east;
    int n_wounded_west;
    int njets;
    int n_rejected;
};

#endif
