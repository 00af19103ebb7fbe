struct sample {
    char a[8];
    char b[2][5];
};
