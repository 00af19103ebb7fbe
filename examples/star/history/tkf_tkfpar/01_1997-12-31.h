/* Layout 1 of 4, in force from 1997-12-31T14:35:23Z. */
#ifndef ETALON_STAR_tkf_tkfpar_H
#define ETALON_STAR_tkf_tkfpar_H

struct tkf_tkfpar {
    float max_dist;
    float pt_min;
    float r_max;
    float r_min;
    float theta_min;
};

#endif
