/* Images, and where the stage was when they were taken. */
#ifndef MICROSCOPE_IMAGE_H
#define MICROSCOPE_IMAGE_H

#include <etalon/ref.h>

#include "people.h"
#include "session.h"

struct StagePosition {
    double x, y, z;     /* [um] */
    double alpha, beta; /* [deg] tilt */
};

struct Image {
    ETALON_UID uid;
    char name[64];
    long long taken; /* [ns] since 1970-01-01, UTC */
    ETALON_REF(Session) session;
    ETALON_REF(User) by; /* who took it, mostly the user of the session */
    ETALON_REF(StagePosition) stage;
    ETALON_FILE pixels;
    double magnification;
    double defocus; /* [um] */
};

#endif
