struct sample {
    double a;
    float b;
    double c;
};
