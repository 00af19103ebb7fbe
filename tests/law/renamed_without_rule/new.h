struct sample {
    int channel;
    float amplification;
};
