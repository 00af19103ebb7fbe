struct sample {
    char a[8];
    int b;
};
