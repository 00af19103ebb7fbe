struct sample {
    int channel;
    float gain;  /* default: 1.5 */
};
