/* Who works at the microscopes. */
#ifndef MICROSCOPE_PEOPLE_H
#define MICROSCOPE_PEOPLE_H

#include <etalon/ref.h>

struct Group {
    char name[32];
    char description[128];
};

struct User {
    char name[64];
    char username[32];
    ETALON_REF(Group) group;
};

#endif
