struct sample {
    int channel;  /* default: 3 */
    float gain;   /* default: 2 */
};
