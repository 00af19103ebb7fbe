/* Layout 3 of 4, in force from 2013-04-08T11:25:14Z. */
#ifndef ETALON_STAR_tpcPedestal_H
#define ETALON_STAR_tpcPedestal_H

struct tpcPedestal {
    float Pedestal[45][182][512];
};

#endif
