/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_ssdStripCalib_H
#define ETALON_STAR_ssdStripCalib_H

struct ssdStripCalib {
    int id;
    unsigned char pedestals;
    unsigned char rms;
};

#endif
