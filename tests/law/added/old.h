struct sample {
    int channel;
};
