/* Layout 2 of 4, in force from 2012-09-13T20:42:24Z. */
#ifndef ETALON_STAR_tpcPedestal_H
#define ETALON_STAR_tpcPedestal_H

struct tpcPedestal {
    float Pedestal[100][182];
    float Rms[100][182];
};

#endif
