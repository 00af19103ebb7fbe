struct sample {
    int a;
    double b;
    unsigned long long c;
};
