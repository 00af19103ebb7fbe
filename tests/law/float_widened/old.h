struct sample {
    float a;
    float b[2];
};
