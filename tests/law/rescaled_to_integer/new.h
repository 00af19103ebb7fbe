struct sample {
    short count;
    int other;
};
