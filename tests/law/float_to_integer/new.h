struct sample {
    int a;
    unsigned char b;
    unsigned long long c;
};
