struct sample {
    char flag[1];
    int channel __attribute__((packed));
    double gain __attribute__((aligned(32)));
};
