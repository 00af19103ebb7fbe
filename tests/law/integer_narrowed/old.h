struct sample {
    int a;
    unsigned long long b[2];
};
