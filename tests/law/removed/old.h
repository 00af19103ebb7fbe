struct sample {
    int channel;
    char label[4];
    float gain;
};
