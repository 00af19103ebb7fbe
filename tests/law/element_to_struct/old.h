struct sample {
    int channel;
    float pos[2];
};
