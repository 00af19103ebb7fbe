struct sample {
    int channel;  /* limits: [0, 4) */
    float gain;   /* limits: not nan; (0, inf) */
    int sector;
};
