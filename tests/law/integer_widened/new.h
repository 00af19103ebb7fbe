struct sample {
    short a;
    short b;
    int c;
    long long d;
    long long e[2];
};
