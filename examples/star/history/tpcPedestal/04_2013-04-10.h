/* Layout 4 of 4, in force from 2013-04-10T22:17:49Z. */
#ifndef ETALON_STAR_tpcPedestal_H
#define ETALON_STAR_tpcPedestal_H

struct tpcPedestal {
    float Pedestal[100][182];
    float Rms[100][182];
};

#endif
