struct sample {
    float gain;
};
