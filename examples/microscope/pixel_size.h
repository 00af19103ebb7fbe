/* How large a pixel is in the specimen: measured now and then, for one or several magnifications at a time. */
#ifndef MICROSCOPE_PIXEL_SIZE_H
#define MICROSCOPE_PIXEL_SIZE_H

#include <etalon/ref.h>

#include "instrument.h"

struct PixelSize {
    ETALON_REF(Instrument) instrument;
    double magnification;
    double pixelSize; /* [nm] */
};

#endif
