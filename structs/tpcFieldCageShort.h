/* From star-bnl/star-sw; see examples/star/README.md. */
#ifndef ETALON_STAR_tpcFieldCageShort_H
#define ETALON_STAR_tpcFieldCageShort_H

struct tpcFieldCageShort {
    float side;
    float cage;
    float ring;
    float resistor;
    float MissingResistance;
};

#endif
