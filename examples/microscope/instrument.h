/* What images are taken with. */
#ifndef MICROSCOPE_INSTRUMENT_H
#define MICROSCOPE_INSTRUMENT_H

struct Instrument {
    char name[32];
    char serial[32];
    double highTension; /* [kV] */
};

#endif
