/* One visit of one user to one instrument. */
#ifndef MICROSCOPE_SESSION_H
#define MICROSCOPE_SESSION_H

#include <etalon/ref.h>

#include "instrument.h"
#include "people.h"

struct Session {
    ETALON_UID uid; /* two visits are two, also when everything else is equal */
    char name[64];
    ETALON_REF(User) user;
    ETALON_REF(Instrument) instrument;
};

#endif
