struct sample {
    int a[1];
    char b[2][4];
};
