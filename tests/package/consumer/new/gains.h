#pragma once
struct gains {
    double pedestal; /* [mV] default: 0.5 */
    float gain[5];   /* [mV/fC] */
    long long channel;
    char label[16];
};
