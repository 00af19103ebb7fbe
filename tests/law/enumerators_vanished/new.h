struct sample {
    long long s;
};
