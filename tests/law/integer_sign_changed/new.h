struct sample {
    unsigned int a;
    long long b;
    unsigned long long c;
};
