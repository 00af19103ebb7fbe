struct sample {
    int a[1];
    int b[2][1][2];
    char c[1][2];
};
