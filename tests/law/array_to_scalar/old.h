struct sample {
    float a[3];
    int b;
};
