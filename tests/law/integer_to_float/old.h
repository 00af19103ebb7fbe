struct sample {
    int a;
    long long b;
    unsigned long long c;
};
