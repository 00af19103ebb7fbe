struct sample {
    float gain;
    int channel;
    double noise;
};
