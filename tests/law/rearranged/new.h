struct sample {
    int value[3];
    double p[2];
};
