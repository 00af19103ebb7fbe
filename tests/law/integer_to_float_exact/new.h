struct sample {
    float a;
    float b;
    double c;
    double d;
};
