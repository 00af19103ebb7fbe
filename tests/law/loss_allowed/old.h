struct sample {
    int noise;
    int gain;
};
