/* Layout 5 of 5, in force from 2005-08-09T14:03:41Z. */
#ifndef ETALON_STAR_ssdStripCalib_H
#define ETALON_STAR_ssdStripCalib_H

struct ssdStripCalib {
    int id;
    unsigned char pedestals;
    unsigned char rms;
};

#endif
