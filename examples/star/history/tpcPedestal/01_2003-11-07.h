/* Layout 1 of 4, in force from 2003-11-07T17:21:07Z. */
#ifndef ETALON_STAR_tpcPedestal_H
#define ETALON_STAR_tpcPedestal_H

struct tpcPedestal {
    float Pedestal[45][182];
    float Rms[45][182];
};

#endif
