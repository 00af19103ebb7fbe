/* Layout 2 of 5, in force from 2005-08-08T21:02:12Z. */
#ifndef ETALON_STAR_ssdStripCalib_H
#define ETALON_STAR_ssdStripCalib_H

struct ssdStripCalib {
    int id;
    short pedestals;
    short rms;
    short isActive;
};

#endif
