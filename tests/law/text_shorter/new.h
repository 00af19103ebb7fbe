struct sample {
    char a[4];
    char b[2][3];
};
