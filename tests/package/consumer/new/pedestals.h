#pragma once
struct pedestals {
    unsigned char module;
    double value; /* [mV] */
};
