struct sample {
    int channel;  /* which */
    float gain;   /* [V] in volts */
};
