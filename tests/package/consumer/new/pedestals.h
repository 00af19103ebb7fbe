#pragma once
#if defined(__cplusplus) && __cplusplus < 202002L
#error "the structs of a C++20 program are read as C++20"
#endif
struct pedestals {
    unsigned char module;
    double value; /* [mV] */
};
