struct sample {
    int a[6];
};
