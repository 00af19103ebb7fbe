struct sample {
    int a;
    unsigned long long b;
    signed char c;
};
