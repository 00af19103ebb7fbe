struct sample {
    double a;
    double b[2];
};
