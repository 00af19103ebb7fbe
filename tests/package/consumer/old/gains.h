#pragma once
#include "channel.h"
struct gains {
    float gain[3]; /* [mV/fC] */
    channel_number channel;
    short status;
    char label[LABEL_SIZE];
};
