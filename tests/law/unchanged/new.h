struct sample {
    int channel;  /* which */
    float gain;
};
