struct sample {
    int a[3];
    int b[2][2][2];
    char c[3][2];
};
