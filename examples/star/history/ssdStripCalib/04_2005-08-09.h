/* Layout 4 of 5, in force from 2005-08-09T12:44:33Z. */
#ifndef ETALON_STAR_ssdStripCalib_H
#define ETALON_STAR_ssdStripCalib_H

struct ssdStripCalib {
    int id;
    unsigned char pedestals[3];
    unsigned char rms[3];
};

#endif
