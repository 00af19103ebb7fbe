struct sample {
    float noise[2];
    int channel;
    char label[4];
    unsigned long long mask;
    bool on;
};
