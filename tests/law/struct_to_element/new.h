struct sample {
    int channel;
    float pos;  /* default: 5 */
};
