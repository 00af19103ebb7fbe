struct sample {
    float a;
};
