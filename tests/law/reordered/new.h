struct sample {
    int channel;
    double noise;
    float gain;
};
