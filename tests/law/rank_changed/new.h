struct sample {
    int a[2][3];
};
