#ifndef C_ONLY_H
#define C_ONLY_H
struct scales {
    double scale[SCALES];
    struct { int first, last; } range;
};
#endif
