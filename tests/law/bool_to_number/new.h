struct sample {
    unsigned char a;
    long long b[2];
    float c;
};
