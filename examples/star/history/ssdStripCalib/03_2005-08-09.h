/* Layout 3 of 5, in force from 2005-08-09T12:34:19Z. */
#ifndef ETALON_STAR_ssdStripCalib_H
#define ETALON_STAR_ssdStripCalib_H

struct ssdStripCalib {
    int id;
    unsigned char pedestals;
    unsigned char rms;
};

#endif
