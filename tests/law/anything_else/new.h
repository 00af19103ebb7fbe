struct sample {
    char a[8];
};
