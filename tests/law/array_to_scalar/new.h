struct sample {
    double a;
    int b;
};
