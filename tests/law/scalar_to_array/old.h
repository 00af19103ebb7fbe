struct sample {
    int a;
    char b[4];
};
