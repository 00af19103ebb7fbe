struct sample {
    float a;
    double b;
    double c;
};
