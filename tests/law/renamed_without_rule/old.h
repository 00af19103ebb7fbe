struct sample {
    int channel;
    float gain;
};
