struct sample {
    int channel;
    float gain; /* default: 2 */
    char state[4];
};
