struct sample {
    unsigned char a[4];
};
