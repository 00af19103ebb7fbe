struct sample {
    char flag[1];
    int channel;
    double gain;
};
