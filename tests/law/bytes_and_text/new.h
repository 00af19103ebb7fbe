struct sample {
    char a[4];
};
