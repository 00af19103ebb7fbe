/* Layout 1 of 5, in force from 2004-04-22T00:10:11Z. */
#ifndef ETALON_STAR_ssdStripCalib_H
#define ETALON_STAR_ssdStripCalib_H

struct ssdStripCalib {
    int id;
    int pedestals;
    int rms;
    int isActive;
};

#endif
