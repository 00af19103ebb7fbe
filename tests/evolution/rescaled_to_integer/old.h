struct sample {
    int count;
};
