struct sample {
    int s;
};
