struct sample {
    int a[2];
    float b[2];
    char c[1][4];
};
