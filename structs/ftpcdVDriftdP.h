/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ftpcdVDriftdP_H
#define ETALON_STAR_ftpcdVDriftdP_H

struct ftpcdVDriftdP {
    float dv_dp[11010];
};

#endif
