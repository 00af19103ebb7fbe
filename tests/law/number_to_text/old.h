struct sample {
    int a;
    int b;
};
